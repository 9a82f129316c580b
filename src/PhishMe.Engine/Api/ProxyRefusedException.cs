using System.Net;

namespace PhishMe.Engine.Api;

/// <summary>The proxy was reached and did not open a tunnel.</summary>
internal sealed class ProxyRefusedException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
}
