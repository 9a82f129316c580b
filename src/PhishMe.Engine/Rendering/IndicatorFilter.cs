using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Which indicators go into a list or a set of patterns. The defaults are safe for blocking (<see cref="BlockListRule"/>).</summary>
internal sealed record IndicatorFilter
{
    /// <summary>Everything, also corollary indicators and what is not well-formed.</summary>
    public static IndicatorFilter Everything { get; } = new()
    {
        IncludeCorollary = true,
        IncludeMalformed = true,
        IncludeBenign = true,
        IncludePrivateAddresses = true,
        IncludeEmptyFile = true,
    };

    /// <summary>The kinds wanted; null for all.</summary>
    public IReadOnlySet<IndicatorKind>? Kinds { get; init; }

    /// <summary>The lowest impact wanted; null for all, also the unrated.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Whether what is not rated, as in all phish, counts as Major. Otherwise a lowest impact leaves it out.</summary>
    public bool CountsUnratedAsMajor { get; init; }

    /// <summary>
    /// Also what is for correlation and alerts only: senders, subjects, web components (reference/threat.md §6). Never block these.
    /// </summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>Also values that are no well-formed instance of their kind.</summary>
    public bool IncludeMalformed { get; init; }

    /// <summary>Also what the vendor calls benign.</summary>
    public bool IncludeBenign { get; init; }

    /// <summary>Also private, loopback, multicast and otherwise unroutable addresses, in any shape.</summary>
    public bool IncludePrivateAddresses { get; init; }

    /// <summary>Also the hashes of the file without content.</summary>
    public bool IncludeEmptyFile { get; init; }

    /// <summary>The filter of a list that a caller asked for.</summary>
    internal static IndicatorFilter For(RenderingOptions options) => new()
    {
        IncludeCorollary = options.IncludeCorollary,
        IncludeBenign = options.IncludeBenign,
        IncludePrivateAddresses = options.IncludePrivateAddresses,
        IncludeEmptyFile = options.IncludeEmptyFile,
    };

    /// <summary>
    /// The filter of a form in which each indicator says what it is, and no one blocks blindly: benign ones are in it and say so. Unroutable addresses and
    /// empty files are not, because importers make rules of all patterns alike.
    /// </summary>
    internal static IndicatorFilter ForDescriptions { get; } = new() { IncludeBenign = true };

    /// <summary>Whether an indicator is wanted.</summary>
    /// <param name="indicator">The indicator.</param>
    /// <returns>True if so.</returns>
    public bool Takes(Indicator indicator) => Takes(indicator, null);

    /// <summary>Whether an indicator is wanted; if not for a reason of safety, the reason is counted.</summary>
    internal bool Takes(Indicator indicator, LeftOutCounts? leftOut)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        if ((MinimumImpact is { } minimum && !((indicator.Impact ?? (CountsUnratedAsMajor ? Impact.Major : null)) >= minimum)) || Kinds?.Contains(indicator.Kind) == false)
        {
            return false;
        }

        if (indicator.NormalizedValue is null && IncludeMalformed && (IncludeCorollary || !indicator.Corollary))
        {
            return true;
        }

        if (BlockListRule.Decide(indicator, this).Reason is LeftOutReason reason)
        {
            leftOut?.Add(reason);
            return false;
        }

        return true;
    }
}
