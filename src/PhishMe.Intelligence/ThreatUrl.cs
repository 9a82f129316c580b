namespace PhishMe.Intelligence;

/// <summary>A URL with the parts the vendor took out of it.</summary>
public sealed record ThreatUrl
{
    /// <summary>The full URL as received.</summary>
    public required string Url { get; init; }

    /// <summary>Host name or address; null when neither given nor to be had from the URL.</summary>
    public string? Host { get; init; }

    /// <summary>The registered domain; null for a host that is an address.</summary>
    public string? Domain { get; init; }

    /// <summary>The full URL.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Url;
}
