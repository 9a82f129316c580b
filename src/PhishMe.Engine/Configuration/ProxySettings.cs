namespace PhishMe.Engine.Configuration;

/// <summary>[local_proxy] in use.</summary>
internal sealed record ProxySettings
{
    /// <summary>Proxy for http:// targets; null for none.</summary>
    public Uri? Http { get; init; }

    /// <summary>Proxy for https:// targets; null for none.</summary>
    public Uri? Https { get; init; }

    /// <summary>Whether the system's settings name the proxy, or the PAC file they point to; the addresses here have no say then.</summary>
    public bool IsOfSystem { get; init; }

    /// <summary>How we authenticate.</summary>
    public ProxyAuthentication Authentication { get; init; }

    /// <summary>User name at the proxy, DOMAIN\user where there are domains; null for none.</summary>
    public string? User { get; init; }

    /// <summary>Password at the proxy. Never log it.</summary>
    public string? Password { get; init; }

    /// <summary>Hosts that are asked directly; <c>*.example</c> covers a domain.</summary>
    public IReadOnlyList<string> Bypass { get; init; } = [];

    /// <summary>The addresses without credentials.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => IsOfSystem ? "the system's" : $"http {Http}, https {Https}";
}
