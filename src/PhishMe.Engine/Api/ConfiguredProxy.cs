using System.Net;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Api;

/// <summary>The proxies of [local_proxy], by scheme of the target; credentials are sent as they are, never through a URL.</summary>
internal sealed class ConfiguredProxy : IWebProxy
{
    private readonly ProxySettings _settings;

    public ConfiguredProxy(ProxySettings settings)
    {
        _settings = settings;
        if (settings.User is not null)
        {
            Credentials = new NetworkCredential(settings.User, settings.Password);
        }
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return IsBypassed(destination) ? null : ForScheme(destination);
    }

    public bool IsBypassed(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return ForScheme(host) is null || _settings.Bypass.Any(pattern => Matches(host.IdnHost, pattern));
    }

    private static bool Matches(string host, string pattern) =>
        pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);

    private Uri? ForScheme(Uri destination) => destination.Scheme == Uri.UriSchemeHttp ? _settings.Http : _settings.Https;
}
