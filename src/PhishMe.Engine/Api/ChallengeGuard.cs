using System.Net;

namespace PhishMe.Engine.Api;

/// <summary>.NET's NTLM throws an argument error for a challenge that is too short: that is a proxy that cannot be talked to, and no fault of ours.</summary>
internal sealed class ChallengeGuard(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            throw new HttpRequestException(
                HttpRequestError.ProxyTunnelError, "its challenge is not understood", exception, HttpStatusCode.ProxyAuthenticationRequired);
        }
    }
}
