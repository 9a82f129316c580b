namespace PhishMe.Engine.Configuration;

/// <summary>[local_proxy] in use.</summary>
public sealed record ProxySettings
{
    /// <summary>Proxy for http:// targets; null for none.</summary>
    public Uri? Http { get; init; }

    /// <summary>Proxy for https:// targets; null for none.</summary>
    public Uri? Https { get; init; }

    /// <summary>User name for Basic authentication at the proxy; null for none.</summary>
    public string? User { get; init; }

    /// <summary>Password for Basic authentication at the proxy. Never log it.</summary>
    public string? Password { get; init; }

    /// <summary>Hosts that are asked directly; <c>*.example</c> covers a domain.</summary>
    public IReadOnlyList<string> Bypass { get; init; } = [];

    /// <summary>The addresses without credentials.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"http {Http}, https {Https}";
}
