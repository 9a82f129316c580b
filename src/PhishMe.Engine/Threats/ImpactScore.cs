using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>What an impact is called by the products (reference/threat.md §7).</summary>
internal sealed record ImpactScore
{
    /// <summary>The impact.</summary>
    public required Impact Impact { get; init; }

    /// <summary>Severity in CEF, 0 to 10.</summary>
    public required int CefSeverity { get; init; }

    /// <summary>Severity in Anomali ThreatStream.</summary>
    public required string AnomaliSeverity { get; init; }

    /// <summary>Rating in ThreatConnect, 0 to 5.</summary>
    public required int ThreatConnectRating { get; init; }

    /// <summary>Impact in CRITs.</summary>
    public required string CritsImpact { get; init; }

    /// <summary>Severity in Splunk SOAR; null when it is not sent.</summary>
    public required string? SoarSeverity { get; init; }

    /// <summary>The impact in the vendor's word, as the attribute of ThreatQ and the tag of TippingPoint have it.</summary>
    public required string Word { get; init; }
}
