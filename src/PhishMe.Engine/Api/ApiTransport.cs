using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>
/// The one pooled HTTP client of a run as the configuration wants it - credentials, TLS, proxy, compression, HTTP/2 - and what it means when it fails.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private readonly ApiSettings _api;
    private readonly ApiTimings _timings;
    private readonly Uri? _proxy;
    private readonly PeerTrust _trust;

    /// <exception cref="PhishMeException">A certificate file cannot be used.</exception>
    public ApiTransport(ApiSettings api, ProxySettings? proxy, string userAgent, ApiTimings timings)
    {
        _api = api;
        _timings = timings;
        _proxy = ProxyRoute.ProxyFor(proxy, api.BaseUri);
        _trust = new PeerTrust(new PeerTrustSettings
        {
            Verify = api.VerifyTls,
            AuthorityFile = api.AuthorityFile,
            AuthorityKey = "ca_file",
            ClientCertificate = api.ClientCertificate,
            Unreadable = Faults.ConfigurationInvalid,
        });
        Http = new HttpClient(new ChallengeGuard(Handler(proxy)))
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each try has its own limit.
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{api.User}:{api.Password}"));
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", token);
        Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
    }

    public HttpClient Http { get; }

    /// <summary>Whether a failure is about a certificate or a proxy that another try will not change, or about the network.</summary>
    public ApiException Failure(Exception exception, bool timedOut, string where)
    {
        if (!timedOut && Cause<AuthenticationException>(exception) is not null && _trust.Refusal is string refusal)
        {
            return new ApiException(ApiFailure.Untrusted, $"The certificate of {_api.BaseUri.Authority} was refused: {refusal}.", where, exception);
        }

        if (!timedOut && exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } status })
        {
            return ProxyFailure(status, ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), where, exception);
        }

        if (!timedOut && Cause<ProxyRefusedException>(exception) is ProxyRefusedException refused)
        {
            return ProxyFailure(refused.Status, refused.Message, where, exception);
        }

        return new ApiException(ApiFailure.Network, NetworkMessage(exception, timedOut), where, exception);
    }

    /// <summary>What a proxy's own answer means.</summary>
    public ApiException ProxyFailure(HttpStatusCode status, string text, string where, Exception? cause = null) => status switch
    {
        // tinyproxy answers wrong credentials with 401.
        HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.Unauthorized => new ApiException(
            ApiFailure.Proxy, $"The proxy {_proxy?.Authority} asks for credentials or refused those it was given ({text}).", where, cause),
        < HttpStatusCode.InternalServerError => new ApiException(
            ApiFailure.Proxy, $"The proxy {_proxy?.Authority} does not allow the connection to {_api.BaseUri.Authority} ({text}).", where, cause),
        _ => new ApiException(ApiFailure.Network, $"The proxy {_proxy?.Authority} cannot reach {_api.BaseUri.Authority} ({text}).", where, cause),
    };

    public void Dispose()
    {
        Http.Dispose();
        _trust.Dispose();
    }

    private SocketsHttpHandler Handler(ProxySettings? proxy)
    {
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = _timings.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = _api.ConcurrentRequests,
            EnableMultipleHttp2Connections = true,
            // A redirect of an API is a portal or a proxy talking: say so instead of following with credentials.
            AllowAutoRedirect = false,
            UseCookies = false,
            // No proxy in the file means none, whatever the environment says.
            UseProxy = false,
            SslOptions = _trust.Options(_api.BaseUri.IdnHost),
        };
        ProxyRoute.Take(handler, proxy, _api.BaseUri, _trust);
        return handler;
    }

    /// <summary>Who is spoken to first: the one whose name is looked up and whose port may be closed.</summary>
    private string NetworkMessage(Exception exception, bool timedOut)
    {
        var first = _proxy ?? _api.BaseUri;
        var peer = _proxy is null ? first.Authority : $"the proxy {first.Authority}";
        return exception switch
        {
            _ when timedOut => FormattableString.Invariant($"No complete answer arrived within {_timings.AttemptTimeout.TotalSeconds:0.#} seconds."),
            OperationCanceledException { InnerException: TimeoutException } =>
                FormattableString.Invariant($"No connection to {peer} within {_timings.ConnectTimeout.TotalSeconds:0.#} seconds."),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => $"The proxy {_proxy?.Authority} does not open a way: {Innermost(exception)}",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"The name {first.IdnHost} cannot be resolved.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => $"No connection to {peer}: {Innermost(exception)}",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                $"The TLS connection to {_api.BaseUri.Authority} failed: {Innermost(exception)}",
            _ => $"The connection broke: {Innermost(exception)}",
        };
    }

    private static T? Cause<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return (T?)exception;
    }

    private static string Innermost(Exception exception) => exception.GetBaseException().Message.ReplaceLineEndings(" ");
}
