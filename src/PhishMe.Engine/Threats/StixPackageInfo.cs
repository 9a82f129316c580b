using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>What a run needs to know of a STIX 1.x package.</summary>
internal sealed record StixPackageInfo
{
    /// <summary>Whether the package is well-formed XML; if not it is to be set aside.</summary>
    public bool IsWellFormed => Error is null;

    /// <summary>What is wrong with the XML, with line and position; null when nothing is.</summary>
    public string? Error { get; init; }

    /// <summary>The product the title names.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>The number: title of the campaign, else of the package.</summary>
    public long? Number { get; init; }

    /// <summary>Product and number, when both are known.</summary>
    public ThreatId? Id => Type is { } type && Number is { } number ? new ThreatId(type, number) : null;

    /// <summary>First publication: timestamp of the campaign.</summary>
    public DateTimeOffset? CampaignTimestamp { get; init; }

    /// <summary>The first Start_Time of an indicator, as written.</summary>
    public string? FirstStartTime { get; init; }

    /// <summary>When the package was made.</summary>
    public DateTimeOffset? PackageTimestamp { get; init; }

    /// <summary>The best known time of first publication: campaign, else first Start_Time, else package.</summary>
    public DateTimeOffset? FirstPublished => CampaignTimestamp ?? StixPackageReader.TimeOf(FirstStartTime) ?? PackageTimestamp;
}
