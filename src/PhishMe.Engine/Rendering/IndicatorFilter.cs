using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Which indicators go into a list or a set of patterns. The defaults are safe for blocking.</summary>
public sealed record IndicatorFilter
{
    /// <summary>Everything, also corollary indicators and what is not well-formed.</summary>
    public static IndicatorFilter Everything { get; } = new() { IncludeCorollary = true, IncludeMalformed = true, IncludePrivateAddresses = true };

    /// <summary>The kinds wanted; null for all.</summary>
    public IReadOnlySet<IndicatorKind>? Kinds { get; init; }

    /// <summary>The lowest impact wanted; null for all, also the unrated.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>
    /// Also what is for correlation and alerts only: senders, subjects, web components (reference/threat.md §6). Never block these.
    /// </summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>Also values that are no well-formed instance of their kind.</summary>
    public bool IncludeMalformed { get; init; }

    /// <summary>Also private, loopback and multicast addresses.</summary>
    public bool IncludePrivateAddresses { get; init; }

    /// <summary>Whether an indicator is wanted.</summary>
    /// <param name="indicator">The indicator.</param>
    /// <returns>True if so.</returns>
    public bool Takes(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        if ((indicator.Corollary && !IncludeCorollary)
            || (indicator.NormalizedValue is null && !IncludeMalformed)
            || (MinimumImpact is { } minimum && !(indicator.Impact >= minimum))
            || Kinds?.Contains(indicator.Kind) == false)
        {
            return false;
        }

        return IncludePrivateAddresses
            || indicator.Kind is not (IndicatorKind.IPv4 or IndicatorKind.IPv6)
            || indicator.NormalizedValue is not { } address
            || IndicatorNormalizer.IsPublicAddress(address);
    }

    /// <summary>The value handed to other products: URLs refanged but otherwise byte for byte, everything else in normal form.</summary>
    internal static string ValueOf(Indicator indicator) => indicator switch
    {
        { NormalizedValue: null } or { Kind: IndicatorKind.Subject } => indicator.Value.Trim(),
        { Kind: IndicatorKind.Url } => Defanged.Refang(indicator.Value),
        _ => indicator.NormalizedValue,
    };
}
