using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>A version of a threat beside the one before it.</summary>
internal sealed record ThreatChange
{
    /// <summary>The version that was delivered before; null when none is known.</summary>
    public Threat? Before { get; init; }

    /// <summary>The new version.</summary>
    public required Threat Now { get; init; }

    /// <summary>Indicators that the earlier version had and the new one no longer has, under any source, unless another live threat carries them.</summary>
    public IReadOnlyList<Indicator> Removed { get; init; } = [];

    /// <summary>The new version with the removals, as renderers take it.</summary>
    public Threat ToRender => Removed.Count == 0 ? Now : Now with { RemovedIndicators = Removed };

    /// <summary>Compares two versions by kind and normal value.</summary>
    /// <param name="before">The earlier version; null when none is known, then nothing counts as removed.</param>
    /// <param name="now">The new version. Of a withdrawn threat nothing is removed: all of it is.</param>
    /// <param name="isCarriedElsewhere">Whether another live threat has the indicator; null when that cannot be known, then none does.</param>
    public static ThreatChange Between(Threat? before, Threat now, Func<Indicator, bool>? isCarriedElsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(now);
        if (before is null || now.Withdrawn)
        {
            return new ThreatChange { Before = before, Now = now };
        }

        // What was good for blocking and is now for correlation only has left as far as anyone is concerned who blocks.
        var present = new HashSet<(IndicatorKind, string, bool)>();
        foreach (var indicator in now.Indicators)
        {
            present.Add(KeyOf(indicator, isPrimary: false));
            if (!indicator.Corollary)
            {
                present.Add(KeyOf(indicator, isPrimary: true));
            }
        }

        return new ThreatChange
        {
            Before = before,
            Now = now,
            Removed =
            [
                .. before.Indicators
                    .Where(indicator => present.Add(KeyOf(indicator, !indicator.Corollary)) && isCarriedElsewhere?.Invoke(indicator) != true),
            ],
        };
    }

    private static (IndicatorKind, string, bool) KeyOf(Indicator indicator, bool isPrimary) =>
        (indicator.Kind, indicator.NormalizedValue ?? indicator.Value, isPrimary);
}
