using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>The one table of what products call an impact (reference/threat.md §7). The scores are in <see cref="ScoreTable"/>.</summary>
internal static class ImpactScores
{
    private static readonly ImpactScore _major = new()
    {
        Impact = Impact.Major,
        CefSeverity = 10,
        AnomaliSeverity = "very-high",
        ThreatConnectRating = 5,
        CritsImpact = "high",
        SoarSeverity = "high",
        Word = "Major",
    };

    private static readonly ImpactScore _moderate = new()
    {
        Impact = Impact.Moderate,
        CefSeverity = 7,
        AnomaliSeverity = "high",
        ThreatConnectRating = 3,
        CritsImpact = "medium",
        SoarSeverity = "medium",
        Word = "Moderate",
    };

    private static readonly ImpactScore _minor = new()
    {
        Impact = Impact.Minor,
        CefSeverity = 4,
        AnomaliSeverity = "medium",
        ThreatConnectRating = 1,
        CritsImpact = "low",
        SoarSeverity = "low",
        Word = "Minor",
    };

    private static readonly ImpactScore _none = new()
    {
        Impact = Impact.None,
        CefSeverity = 0,
        AnomaliSeverity = "low",
        ThreatConnectRating = 0,
        CritsImpact = "benign",
        SoarSeverity = null,
        Word = "None",
    };

    /// <summary>The scores of an impact.</summary>
    public static ImpactScore Of(Impact impact) => impact switch
    {
        Impact.Major => _major,
        Impact.Moderate => _moderate,
        Impact.Minor => _minor,
        Impact.None => _none,
    };

    /// <summary>The scores of an impact; null when nothing is rated.</summary>
    public static ImpactScore? Of(Impact? impact) => impact is Impact known ? Of(known) : null;
}
