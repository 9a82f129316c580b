using System.Net;
using PhishMe.Engine.Api;
using PhishMe.Engine.Network;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Connections to a product: pooled, with its trust and the proxy of [local_proxy].</summary>
internal static class TargetHandler
{
    public static SocketsHttpHandler Create(HttpTargetSettings settings, PeerTrust trust)
    {
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = settings.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = settings.ConcurrentCalls,
            // A redirect of an API is a portal talking: say so instead of following with credentials.
            AllowAutoRedirect = false,
            UseCookies = false,
            // No proxy in the file means none, whatever the environment says.
            UseProxy = false,
            SslOptions = trust.Options(settings.Address.IdnHost),
        };
        ProxyRoute.Take(handler, settings.Proxy, settings.Address, trust);
        return handler;
    }
}
