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
        if (settings is null || IsBypassed(settings, destination))
        {
            return null;
        }

        if (settings.IsOfSystem)
        {
            return OfSystem(destination);
        }

        return destination.Scheme == Uri.UriSchemeHttp ? settings.Http : settings.Https;
    }

    /// <summary>Credentials for Basic are sent as they are written, never through a URL.</summary>
    public static NetworkCredential? CredentialsOf(ProxySettings settings) =>
        settings.User is null ? null : new NetworkCredential(settings.User, settings.Password);

    /// <summary>Whether a tunnel of our own is enough, because nothing or Basic is asked for.</summary>
    public static bool IsSimple(ProxySettings settings) => settings.Authentication == ProxyAuthentication.Basic;

    /// <summary>The proxy as .NET's own handler takes it, which knows the schemes of several steps.</summary>
    /// <param name="settings">[local_proxy].</param>
    /// <param name="proxy">The proxy for the API.</param>
    public static IWebProxy AsWebProxy(ProxySettings settings, Uri proxy) => new WebProxy(proxy) { Credentials = CredentialsFor(settings, proxy) };

    private static ICredentials? CredentialsFor(ProxySettings settings, Uri proxy)
    {
        if (settings.Authentication == ProxyAuthentication.Default)
        {
            return CredentialCache.DefaultCredentials;
        }

        if (settings.User is null)
        {
            return null;
        }

        // Only the scheme that was asked for: a proxy must not get the password by offering Basic.
        var (domain, name) = settings.User.Split('\\', 2) is [var before, var after] ? (before, after) : (string.Empty, settings.User);
        var scheme = settings.Authentication switch
        {
            ProxyAuthentication.Negotiate => "Negotiate",
            ProxyAuthentication.Ntlm => "NTLM",
            ProxyAuthentication.Digest => "Digest",
            ProxyAuthentication.Basic or _ => "Basic",
        };
        var credential = scheme is "Negotiate" or "NTLM"
            ? new NetworkCredential(name, settings.Password, domain)
            : new NetworkCredential(settings.User, settings.Password);
        return new CredentialCache { { proxy, scheme, credential } };
    }

    /// <summary>What the settings of Windows, its PAC file, or the environment of other systems say.</summary>
    private static Uri? OfSystem(Uri destination)
    {
        var system = HttpClient.DefaultProxy;
        return system.IsBypassed(destination) ? null : system.GetProxy(destination);
    }

    private static bool IsBypassed(ProxySettings settings, Uri destination) =>
        settings.Bypass.Any(entry => ProxyBypass.Matches(destination.IdnHost, entry));
}
