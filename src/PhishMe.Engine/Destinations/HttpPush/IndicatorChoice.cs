using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

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

    /// <summary>How long a threat counts after its last publication; null for good.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The score of each impact.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;

    /// <summary>Whether malware and phish share the entry of a value at the product; otherwise each has a set or list of its own.</summary>
    public bool SharesEntries { get; init; }

    /// <summary>What a section and [integration_defaults] ask for.</summary>
    /// <param name="wanted">What they say.</param>
    /// <param name="kinds">The kinds that the product can hold.</param>
    /// <param name="includesBenign">Whether the product receives the impact of each indicator: then no minimum asks for the benign, too.</param>
    public static IndicatorChoice Of(DeliverySettings wanted, IReadOnlySet<IndicatorKind> kinds, bool includesBenign = false)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return new IndicatorChoice
        {
            Kinds = kinds,
            MinimumImpact = wanted.MinimumImpact ?? Impact.None,
            IncludesCorollary = wanted.IncludeCorollary,
            IncludesBenign = includesBenign && wanted.MinimumImpact is null,
            Products = wanted.Products,
            Retracts = wanted.Retract,
            Scores = wanted.Scores,
            Retention = wanted.RetentionDays > 0 ? TimeSpan.FromDays(wanted.RetentionDays) : null,
        };
    }

    /// <summary>The key of an indicator: the product is part of it where malware and phish are two sources of the same values.</summary>
    public string KeyOf(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return $"{(SharesEntries ? "" : indicator.ThreatId.Type == ThreatType.Malware ? "m" : "p")}/{indicator.Kind}/{indicator.NormalizedValue}";
    }

    /// <summary>What left threats as far as this product is concerned: it is gone there, or it is no longer wanted.</summary>
    /// <returns>The threat, the indicator as it was, and whether another threat still has it there.</returns>
    public IEnumerable<(ThreatId Threat, Indicator Indicator, bool IsKept)> Left(Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (!Retracts)
        {
            yield break;
        }

        var gone = delivery.Withdrawn.Select(threat => (threat.Id, Before: threat.LastKnown, Now: (Threat?)null))
            .Concat(delivery.Threats.Select(threat => (threat.Id, Before: threat.Replaced, Now: threat.Unit.Model)));
        foreach (var (id, before, now) in gone)
        {
            if (before is null || ReadThreat.Of(before).Threat is not Threat last)
            {
                continue;
            }

            HashSet<string> stays = [.. Of(now?.Indicators ?? []).Select(KeyOf)];
            HashSet<string> has = [.. (now?.Indicators ?? []).Select(KeyOf)];
            HashSet<string> had = [.. Of(last.Indicators).Select(KeyOf)];
            foreach (var indicator in last.Indicators
                .Where(indicator => indicator.NormalizedValue is not null && Kinds.Contains(indicator.Kind))
                .DistinctBy(KeyOf)
                .Where(indicator => KeyOf(indicator) is var key && !stays.Contains(key) && (had.Contains(key) || !has.Contains(key))))
            {
                yield return (id, indicator, delivery.Carriers.Of(id, IndicatorKey.Of(indicator)).Any(carrier => IsEnough(carrier, id.Type, delivery.Now)));
            }
        }
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

    /// <summary>Whether the threats of this product of the vendor are wanted.</summary>
    public bool Wants(ThreatId threat) => Products?.Contains(threat.Type) != false;

    /// <summary>What is not rated counts as Major.</summary>
    public static Impact ImpactOf(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return indicator.Impact ?? Impact.Major;
    }

    /// <summary>How sure an indicator is, 0 to 100: the vendor's confidence where it is rated, else the score of the impact.</summary>
    public int ConfidenceIn(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return indicator.Confidence is > 0 and <= 100 and var rated ? rated : Scores.Of(ImpactOf(indicator));
    }

    /// <summary>
    /// One item for each value: those of the threats delivered, and retractions of what no live threat carries any more. Retractions come first, so that
    /// of a value that moves from one threat to another the newer word counts.
    /// </summary>
    /// <param name="destination">The destination.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="payload">What is sent for an indicator; the threat is null for a retraction. An empty payload is not sent.</param>
    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery, Func<Threat?, Indicator, ReadOnlyMemory<byte>> payload)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        foreach (var (id, indicator, _) in Left(delivery).Where(left => !left.IsKept))
        {
            if (payload(null, indicator) is { IsEmpty: false } bytes)
            {
                yield return new QueueItem { Destination = destination, Verb = DeliveryVerb.Retract, Threat = id, Key = KeyOf(indicator), Payload = bytes };
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
                    yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = KeyOf(indicator), Payload = bytes };
                }
            }
        }
    }

    /// <summary>Counts the indicators of a delivery: an indicator of two threats counts twice.</summary>
    public KindCounts Count(Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var counts = new KindCounts();
        foreach (var model in delivery.Threats.Select(threat => threat.Unit.Model).OfType<Threat>().Where(model => Wants(model.Id)))
        {
            HashSet<string> chosen = [.. Of(model.Indicators).Select(KeyOf)];
            foreach (var indicator in model.Indicators.DistinctBy(IndicatorKey.Of))
            {
                counts.Add(indicator.Kind, Kinds.Contains(indicator.Kind), indicator.NormalizedValue is not null && chosen.Contains(KeyOf(indicator)));
            }
        }

        return counts;
    }

    /// <summary>The kind in a key of <see cref="KeyOf"/> or of <see cref="ThreatItems"/>; null when the item is no indicator.</summary>
    public static IndicatorKind? KindIn(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Split('/', 3) is [_, var kind, _] && Enum.TryParse<IndicatorKind>(kind, out var known) ? known : null;
    }

    /// <summary>Whether a threat that carries an indicator like this keeps it at the product.</summary>
    private bool IsEnough(IndicatorCarrier carrier, ThreatType type, DateTimeOffset now) =>
        (SharesEntries ? Products?.Contains(carrier.Type) != false : carrier.Type == type)
        && IsRatedEnough(carrier.Impact ?? Impact.Major)
        && (IncludesCorollary || !carrier.IsCorollary)
        && (Retention is not TimeSpan retention || carrier.PublishedAt >= (now - retention).ToUnixTimeMilliseconds());

    private bool IsRatedEnough(Impact impact) => Impacts is null ? impact >= MinimumImpact : Impacts.Contains(impact);

    private bool Takes(Indicator indicator) =>
        Kinds.Contains(indicator.Kind)
        && IsRatedEnough(ImpactOf(indicator))
        && BlockListRule.Decide(indicator, IncludesBenign || Impacts?.Contains(Impact.None) == true ? WithBenign : Safe).IsAllowed;

    private IndicatorFilter Safe => IncludesCorollary ? _withCorollary : _safe;

    private IndicatorFilter WithBenign => Safe with { IncludeBenign = true };

    private static readonly IndicatorFilter _safe = new();
}
