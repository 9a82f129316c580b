using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// The score of each impact, 0 to 100: the confidence in an indicator that the vendor did not rate, for every product that has a confidence or a score. One
/// table for a configuration; the section of a product may have another.
/// </summary>
internal sealed record ScoreTable
{
    /// <summary>The original's scores of Carbon Black.</summary>
    public static ScoreTable Usual { get; } = new();

    /// <summary>0 to 100.</summary>
    public int Major { get; init; } = 100;

    /// <summary>0 to 100.</summary>
    public int Moderate { get; init; } = 75;

    /// <summary>0 to 100.</summary>
    public int Minor { get; init; } = 35;

    /// <summary>0 to 100.</summary>
    public int None { get; init; }

    /// <summary>The score of an impact.</summary>
    public int Of(Impact impact) => impact switch
    {
        Impact.Major => Major,
        Impact.Moderate => Moderate,
        Impact.Minor => Minor,
        Impact.None => None,
    };

    /// <summary>The score of an impact; null when nothing is rated.</summary>
    public int? Of(Impact? impact) => impact is Impact known ? Of(known) : null;
}
