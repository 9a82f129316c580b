using System.Net;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Api;

/// <summary>The way to the API that [local_proxy] asks for: straight, or by one proxy. Nothing else has a say, the environment least of all.</summary>
internal static class ProxyRoute
{
    /// <summary>The proxy for an address, without credentials; null for none.</summary>
    /// <param name="settings">[local_proxy], null when not in use.</param>
    /// <param name="destination">The API.</param>
    public static Uri? ProxyFor(ProxySettings? settings, Uri destination)
    {
        if (settings is null || settings.Bypass.Any(entry => ProxyBypass.Matches(destination.IdnHost, entry)))
        {
            return null;
        }

        return destination.Scheme == Uri.UriSchemeHttp ? settings.Http : settings.Https;
    }

    /// <summary>Credentials are sent as they are written, never through a URL.</summary>
    public static NetworkCredential? CredentialsOf(ProxySettings settings) =>
        settings.User is null ? null : new NetworkCredential(settings.User, settings.Password);
}
