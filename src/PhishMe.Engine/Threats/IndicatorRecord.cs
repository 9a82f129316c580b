using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// The canonical form of an indicator, from which every product's message is made (reference/threat.md §6): one record per threat, kind and
/// value, complete by itself.
/// </summary>
/// <remarks>
/// <see cref="Indicator"/> is what users see: every mention in a threat, as received. A record is what is sent: mentions of one value become one, with the
/// title, report and dates of its threat, and with what a target does with it.
/// </remarks>
internal sealed record IndicatorRecord
{
    /// <summary>Product and number. The product is part of every key: malware and phish reuse numbers.</summary>
    public required ThreatId ThreatId { get; init; }

    /// <summary>Title of the threat.</summary>
    public string? Label { get; init; }

    /// <summary>The analyst's text.</summary>
    public string? Summary { get; init; }

    /// <summary>First publication of the threat; null when unknown, never a date made up.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>Most recent publication of the threat; null when unknown.</summary>
    public DateTimeOffset? LastPublished { get; init; }

    /// <summary>What the value is; <see cref="IndicatorKind.Unknown"/> only for products that take free text.</summary>
    public required IndicatorKind Kind { get; init; }

    /// <summary>The value to send: URLs refanged and otherwise byte for byte, everything else in normal form.</summary>
    public required string Value { get; init; }

    /// <summary>The value for comparisons and keys; null only for the unknown kind.</summary>
    public string? NormalizedValue { get; init; }

    /// <summary>How bad contact is; null when not rated.</summary>
    public Impact? Impact { get; init; }

    /// <summary>0 to 100: the vendor's confidence where it is rated, else the score of the impact; null when neither is known.</summary>
    public int? Confidence { get; init; }

    /// <summary>The vendor's confidence, 0 to 100; null where it is not rated.</summary>
    public int? Rated { get; init; }

    /// <summary>What it is used for, such as <c>C2</c>; an open set.</summary>
    public string? Role { get; init; }

    /// <summary>The vendor's words for the role.</summary>
    public string? RoleDescription { get; init; }

    /// <summary>The malware family.</summary>
    public string? Family { get; init; }

    /// <summary>The delivery mechanism, given instead of a family.</summary>
    public string? DeliveryMechanism { get; init; }

    /// <summary>A finer infrastructure type, or what kind of file it is.</summary>
    public string? Subclass { get; init; }

    /// <summary>The brands the threat abuses.</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Name of the file a hash belongs to.</summary>
    public string? FileName { get; init; }

    /// <summary>How the file came, such as <c>Attachment</c>.</summary>
    public string? FileType { get; init; }

    /// <summary>All hashes of the file a hash belongs to.</summary>
    public FileHashes FileHashes { get; init; } = FileHashes.None;

    /// <summary>The page of the threat in the portal.</summary>
    public string? PortalUrl { get; init; }

    /// <summary>The Active Threat Report in the portal; null when there is none.</summary>
    public string? ReportUrl { get; init; }

    /// <summary>The Active Threat Report for API credentials; null when there is none.</summary>
    public string? ApiReportUrl { get; init; }

    /// <summary>Where an address is, when the vendor looked it up.</summary>
    public IpDetail? IpDetail { get; init; }

    /// <summary>For correlation and alerts only, never for blocking.</summary>
    public bool Corollary { get; init; }

    /// <summary>Whether the vendor calls it benign.</summary>
    public bool IsBenign { get; init; }

    /// <summary>Which part of the threat it was read from.</summary>
    public required IndicatorSource Source { get; init; }

    /// <summary>What a target does with it.</summary>
    public RecordOperation Operation { get; init; }

    /// <summary>The key within one destination: product, number, kind and normal value.</summary>
    public string Key => $"{ThreatId}|{Kind}|{NormalizedValue ?? Value}";
}
