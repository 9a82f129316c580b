using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Which indicators a product gets that keeps one entry for each value, and the items for them.</summary>
internal sealed record IndicatorChoice
{
    private static readonly IndicatorFilter _withCorollary = new() { IncludeCorollary = true };

    /// <summary>The kinds that the product can hold.</summary>
    public required IReadOnlySet<IndicatorKind> Kinds { get; init; }

    /// <summary>Lowest impact; what is not rated counts as Major, as everywhere.</summary>
    public Impact MinimumImpact { get; init; } = Impact.Moderate;

    /// <summary>Impacts that are wanted; null for all from <see cref="MinimumImpact"/> on.</summary>
    public IReadOnlySet<Impact>? Impacts { get; init; }

    /// <summary>Whether senders, subjects and the like are wanted, which are for correlation only.</summary>
    public bool IncludesCorollary { get; init; }

    /// <summary>Whether what the vendor calls benign is wanted: only for a product that receives the impact of each indicator.</summary>
    public bool IncludesBenign { get; init; }

    /// <summary>Whose threats are wanted; null for all.</summary>
    public IReadOnlySet<ThreatType>? Products { get; init; }

    /// <summary>Whether what no live threat carries any more is taken back.</summary>
    public bool Retracts { get; init; } = true;

    /// <summary>The keys of a section for this.</summary>
    /// <param name="minimumImpact">The default.</param>
    public static KeySchema[] Keys(string minimumImpact = "moderate") =>
    [
        Ours(Word("minimum_impact", minimumImpact, ["none", "minor", "moderate", "major"], "Lowest impact to deliver.")),
        Ours(Flag("include_corollary", "False", "Deliver senders and the like, too. They are for correlation, never for blocking.")),
    ];

    /// <summary>Reads the keys.</summary>
    public static IndicatorChoice Read(SectionValues section, IReadOnlySet<IndicatorKind> kinds) => new()
    {
        Kinds = kinds,
        MinimumImpact = Enum.Parse<Impact>(section.Word("minimum_impact"), ignoreCase: true),
        IncludesCorollary = section.Boolean("include_corollary"),
        IncludesBenign = section.Word("minimum_impact") == "none",
    };

    /// <summary>What a section and [integration_defaults] ask for.</summary>
    public static IndicatorChoice Of(DeliverySettings wanted, IReadOnlySet<IndicatorKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return new IndicatorChoice
        {
            Kinds = kinds,
            MinimumImpact = wanted.MinimumImpact ?? Impact.None,
            IncludesCorollary = wanted.IncludeCorollary,
            Products = wanted.Products,
            Retracts = wanted.Retract,
        };
    }

    /// <summary>The key of an indicator: the product is part of it, because malware and phish are two sources of the same values.</summary>
    public static string KeyOf(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return $"{(indicator.ThreatId.Type == ThreatType.Malware ? 'm' : 'p')}/{indicator.Kind}/{indicator.NormalizedValue}";
    }

    /// <summary>The indicators of a threat that are wanted, each value once, with its highest impact.</summary>
    public IEnumerable<Indicator> Of(IEnumerable<Indicator> indicators)
    {
        var chosen = new Dictionary<string, Indicator>(StringComparer.Ordinal);
        foreach (var indicator in indicators.Where(Takes))
        {
            var key = KeyOf(indicator);
            if (!chosen.TryGetValue(key, out var known) || ImpactOf(indicator) > ImpactOf(known))
            {
                chosen[key] = indicator;
            }
        }

        return chosen.Values;
    }

    /// <summary>What is not rated counts as Major.</summary>
    public static Impact ImpactOf(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return indicator.Impact ?? Impact.Major;
    }

    /// <summary>
    /// One item for each value: those of the threats delivered, and retractions of what no live threat carries any more. Retractions come first, so that
    /// of a value that moves from one threat to another the newer word counts.
    /// </summary>
    /// <param name="destination">The destination.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="payload">What is sent for an indicator; the threat is null for a retraction. An empty payload is not sent.</param>
    /// <param name="keyOf">The key of an indicator; <see cref="KeyOf"/> when it is null.</param>
    public IEnumerable<QueueItem> Compose(
        DestinationId destination, Delivery delivery, Func<Threat?, Indicator, ReadOnlyMemory<byte>> payload, Func<Indicator, string>? keyOf = null)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        keyOf ??= KeyOf;
        var gone = delivery.Withdrawn.Select(threat => (threat.Id, threat.Removed)).Concat(delivery.Threats.Select(threat => (threat.Id, threat.Removed)));
        foreach (var (id, removed) in Retracts ? gone : [])
        {
            foreach (var indicator in removed.Where(indicator => indicator.NormalizedValue is not null && Kinds.Contains(indicator.Kind)).DistinctBy(keyOf))
            {
                if (payload(null, indicator) is { IsEmpty: false } bytes)
                {
                    yield return new QueueItem { Destination = destination, Verb = DeliveryVerb.Retract, Threat = id, Key = keyOf(indicator), Payload = bytes };
                }
            }
        }

        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is not Threat model || Products?.Contains(model.Type) == false)
            {
                continue;
            }

            foreach (var indicator in Of(model.Indicators))
            {
                if (payload(model, indicator) is { IsEmpty: false } bytes)
                {
                    yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = keyOf(indicator), Payload = bytes };
                }
            }
        }
    }

    private bool Takes(Indicator indicator) =>
        Kinds.Contains(indicator.Kind)
        && (Impacts is null ? ImpactOf(indicator) >= MinimumImpact : Impacts.Contains(ImpactOf(indicator)))
        && BlockListRule.Decide(indicator, IncludesBenign || Impacts?.Contains(Impact.None) == true ? WithBenign : Safe).IsAllowed;

    private IndicatorFilter Safe => IncludesCorollary ? _withCorollary : _safe;

    private IndicatorFilter WithBenign => Safe with { IncludeBenign = true };

    private static readonly IndicatorFilter _safe = new();
}
