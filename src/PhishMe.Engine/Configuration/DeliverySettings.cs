using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Which threats and indicators a product gets: [integration_defaults], or what the section of the product says instead.</summary>
internal sealed record DeliverySettings
{
    /// <summary>The lowest impact of an indicator; null for all, also the unrated.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Also what is for correlation and alerts only.</summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>The products of the vendor whose threats are wanted; never empty.</summary>
    public IReadOnlySet<ThreatType> Products { get; init; } = new HashSet<ThreatType> { ThreatType.Malware, ThreatType.Phish };

    /// <summary>Days after its last publication for which a threat stays at the target; 0 for no end.</summary>
    public int RetentionDays { get; init; }

    /// <summary>Whether withdrawals are passed on.</summary>
    public bool Retract { get; init; } = true;

    /// <summary>The score of each impact.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;
}
