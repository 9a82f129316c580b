namespace PhishMe.Intelligence;

/// <summary>Where a session leads and as whom: given one by one, or taken from a configuration file.</summary>
public sealed record SessionOptions
{
    /// <summary>A config.ini to take everything from; the other properties are not looked at then.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>Root of the API; the vendor's when null.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>User part of the API token.</summary>
    public string? User { get; init; }

    /// <summary>Password part of the API token. Never log it.</summary>
    public string? Password { get; init; }

    /// <summary>The proxy for all requests; null for none.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User name at the proxy.</summary>
    public string? ProxyUser { get; init; }

    /// <summary>Password at the proxy. Never log it.</summary>
    public string? ProxyPassword { get; init; }

    /// <summary>Whether the server's certificate is verified.</summary>
    public bool VerifyTls { get; init; } = true;

    /// <summary>Where it leads; no secret.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ConfigurationPath ?? BaseUri?.ToString() ?? "the vendor's API";
}
