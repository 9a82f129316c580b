using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>What may differ between the STIX 2.1 bundles of two installations.</summary>
internal sealed record StixBundleOptions
{
    /// <summary>
    /// For how many days after the last publication an indicator is valid; 0, the default, for no end: what was published long ago would be invalid on
    /// arrival otherwise, and a withdrawal revokes it.
    /// </summary>
    public int ValidDays { get; init; }

    /// <summary>The confidence in what the vendor did not rate, by impact.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;

    /// <summary>The marking of every object.</summary>
    public TlpLevel Marking { get; init; }

    /// <summary>Name of the identity that created the objects.</summary>
    public string IdentityName { get; init; } = "PhishMe Intelligence";

    /// <summary>Which indicators become objects.</summary>
    public IndicatorFilter Filter { get; init; } = IndicatorFilter.ForDescriptions;

    /// <summary>Says when a threat without dates was received.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The hashes of a file that become indicators; a file without any of them is represented by the strongest it has.</summary>
    public IReadOnlySet<IndicatorKind> Hashes { get; init; } = new HashSet<IndicatorKind> { IndicatorKind.Md5, IndicatorKind.Sha256 };
}
