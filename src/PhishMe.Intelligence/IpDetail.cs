namespace PhishMe.Intelligence;

/// <summary>Where an address was, when the vendor looked it up. Every part may be missing.</summary>
public sealed record IpDetail
{
    /// <summary>The address; may differ from the value of the indicator.</summary>
    public string? Ip { get; init; }

    /// <summary>Number of the autonomous system.</summary>
    public long? Asn { get; init; }

    /// <summary>Who runs the autonomous system.</summary>
    public string? AsnOrganization { get; init; }

    /// <summary>The internet service provider.</summary>
    public string? Isp { get; init; }

    /// <summary>Who the address is registered to.</summary>
    public string? Organization { get; init; }

    /// <summary>Two-letter code of the continent.</summary>
    public string? ContinentCode { get; init; }

    /// <summary>The continent.</summary>
    public string? ContinentName { get; init; }

    /// <summary>Two-letter code of the country.</summary>
    public string? CountryIsoCode { get; init; }

    /// <summary>The country.</summary>
    public string? CountryName { get; init; }

    /// <summary>The region.</summary>
    public string? SubdivisionName { get; init; }

    /// <summary>Code of the region; digits with leading zeros occur.</summary>
    public string? SubdivisionIsoCode { get; init; }

    /// <summary>The postal code.</summary>
    public string? PostalCode { get; init; }

    /// <summary>Number of the metropolitan area.</summary>
    public long? MetroCode { get; init; }

    /// <summary>IANA name of the time zone.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Such as <c>hosting</c> or <c>residential</c>.</summary>
    public string? UserType { get; init; }

    /// <summary>Degrees north; impossible values occur.</summary>
    public double? Latitude { get; init; }

    /// <summary>Degrees east.</summary>
    public double? Longitude { get; init; }

    /// <summary>When it was looked up.</summary>
    public DateTimeOffset? LookupOn { get; init; }

    /// <summary>Address, country and network.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Join(", ", new[] { Ip, CountryIsoCode, AsnOrganization }.Where(part => !string.IsNullOrEmpty(part)));
}
