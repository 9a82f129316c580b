using System.Net;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Network;

namespace PhishMe.Engine.Api;

/// <summary>The way to the API that [local_proxy] asks for: straight, or by one proxy. Nothing else has a say, the environment least of all.</summary>
internal static class ProxyRoute
{
    private const string ManagedNtlm = "System.Net.Security.UseManagedNtlm";

    /// <summary>Makes a handler go that way; without a proxy for the address it is left as it is.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="settings">[local_proxy], null when not in use.</param>
    /// <param name="destination">What is spoken to.</param>
    /// <param name="trust">For a proxy that is spoken to over TLS.</param>
    public static void Take(SocketsHttpHandler handler, ProxySettings? settings, Uri destination, PeerTrust trust)
    {
        if (settings is null || ProxyFor(settings, destination) is not Uri proxy)
        {
            return;
        }

        if (IsSimple(settings) && destination.Scheme != Uri.UriSchemeHttp)
        {
            var tunnel = new ProxyTunnel(proxy, CredentialsOf(settings), trust);
            handler.ConnectCallback = (context, cancellationToken) => tunnel.OpenAsync(context.DnsEndPoint, cancellationToken);
            return;
        }

        // Outside of Windows the system's own NTLM is a package that hardly any host has; .NET has one of its own. Read once, when it is used first.
        if (settings.Authentication is ProxyAuthentication.Ntlm or ProxyAuthentication.Negotiate && !AppContext.TryGetSwitch(ManagedNtlm, out _))
        {
            AppContext.SetSwitch(ManagedNtlm, true);
        }

        handler.UseProxy = true;
        handler.Proxy = AsWebProxy(settings, proxy);
    }

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
