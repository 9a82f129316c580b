using System.Net;
using Microsoft.AspNetCore.Http;
using PhishMe.Engine.Configuration;

namespace PhishMe.Server.Listening;

/// <summary>
/// Without credentials, only a name of this machine itself is answered to: a page of the web whose name was made to point at 127.0.0.1 could otherwise read
/// everything with the browser of the person who opened it.
/// </summary>
internal sealed class HostNames(ListenerSettings settings)
{
    /// <summary>Whether a request for this host is answered.</summary>
    public bool Accept(HostString host) =>
        settings.User is not null
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
