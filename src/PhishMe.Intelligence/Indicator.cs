namespace PhishMe.Intelligence;

/// <summary>One indicator of one threat, flat: it says by itself what it is, how bad it is and where it comes from.</summary>
/// <remarks>
/// Each mention in the threat is one indicator, with the value as received. Messages to products are made from records, in which mentions of one value are
/// one; records are no part of this vocabulary.
/// </remarks>
public sealed record Indicator
{
    /// <summary>The threat.</summary>
    public required ThreatId ThreatId { get; init; }

    /// <summary>What the value is.</summary>
    public required IndicatorKind Kind { get; init; }

    /// <summary>The value as received.</summary>
    public required string Value { get; init; }

    /// <summary>
    /// The value in the one form used for look-ups (lower case, A-labels, canonical addresses, refanged); null when the value is not a well-formed
    /// <see cref="Kind"/> - such an indicator is kept, but no list or pattern is made of it.
    /// </summary>
    public string? NormalizedValue { get; init; }

    /// <summary>
    /// The vendor's word for what it is, when this version does not know it: <see cref="Kind"/> is then unknown. Empty when the vendor gives none; otherwise null.
    /// </summary>
    public string? UnknownType { get; init; }

    /// <summary>How bad contact is; null when the vendor does not say.</summary>
    public Impact? Impact { get; init; }

    /// <summary>1 to 100; null when not rated (the vendor writes 0 for that).</summary>
    public int? Confidence { get; init; }

    /// <summary>What it is used for, such as <c>C2</c> or <c>Payload</c>; an open set.</summary>
    public string? Role { get; init; }

    /// <summary>The vendor's words for the role.</summary>
    public string? RoleDescription { get; init; }

    /// <summary>The malware family.</summary>
    public string? Family { get; init; }

    /// <summary>The delivery mechanism, given instead of a family.</summary>
    public string? DeliveryMechanism { get; init; }

    /// <summary>A finer infrastructure type, or what kind of file it is.</summary>
    public string? Subclass { get; init; }

    /// <summary>Name of the file a hash belongs to.</summary>
    public string? FileName { get; init; }

    /// <summary>For correlation and alerts only, never for blocking: senders, subjects, web components and the like.</summary>
    public bool Corollary { get; init; }

    /// <summary>Which part of the threat it was read from.</summary>
    public required IndicatorSource Source { get; init; }

    /// <summary>First publication of the threat.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>Most recent publication of the threat.</summary>
    public DateTimeOffset? LastPublished { get; init; }

    /// <summary>The brands the threat abuses, with "; " between them; null when there is none. <see cref="Threat.Brands"/> has the list.</summary>
    public string? Brands { get; init; }

    /// <summary>The page of the threat in the portal.</summary>
    public string? ThreatDetailUrl { get; init; }

    /// <summary>Where the address is, when the vendor looked it up.</summary>
    public IpDetail? IpDetail { get; init; }

    /// <summary>The value as received.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Value;
}
