using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using PhishMe.Engine.Api;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;
using Polly;
using Polly.Retry;
using Serilog;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// One product over HTTP: one pooled client, signed, paced by the governor, and tried again where that can help. It returns what the product answered; it
/// throws <see cref="TargetStoppedException"/> when nothing more can be delivered in this run. For concurrent use.
/// </summary>
internal sealed class HttpTarget : IDisposable
{
    /// <summary>A set of several hundred thousand values is read whole.</summary>
    private const int LargestAnswerBytes = 128 * 1024 * 1024;

    /// <summary>Paths carry values such as URLs: dot segments and escapes leave as they were written.</summary>
    public static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpTargetSettings _settings;
    private readonly IHttpAuthentication _authentication;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly HttpClient _client;
    private readonly PeerTrust _trust;
    private readonly RequestGovernor _governor;
    private int _calls;
    private string? _warning;

    /// <exception cref="PhishMeException">A certificate file cannot be used.</exception>
    public HttpTarget(HttpTargetSettings settings, IHttpAuthentication authentication, string userAgent, TimeProvider clock, ILogger log)
    {
        _settings = settings;
        _authentication = authentication;
        _clock = clock;
        _log = log;
        _governor = new RequestGovernor(new PaceCeilings(settings.ConcurrentCalls, settings.Ceiling, settings.LongestPause), clock);
        _trust = new PeerTrust(new PeerTrustSettings
        {
            Verify = settings.VerifyTls,
            AuthorityFile = settings.AuthorityFile,
            AuthorityKey = "ca_file",
            ClientCertificate = settings.ClientCertificate,
            Unreadable = Faults.ConfigurationInvalid,
        });
        _client = new HttpClient(TargetHandler.Create(settings, _trust)) { Timeout = Timeout.InfiniteTimeSpan }; // Each try has its own limit.
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        _client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json");
    }

    /// <summary>Host and port, for messages.</summary>
    public string Host => _settings.Host;

    /// <summary>The section of the configuration file, for messages.</summary>
    public string Section => _settings.Section;

    /// <summary>Called before each request that may change something; an exception of it ends the run. Null outside of runs.</summary>
    public Func<CancellationToken, Task>? BeforeChange { get; init; }

    /// <summary>What was found out about its pace; null when nothing was.</summary>
    public LearntPace? Pace => _governor.Learnt;

    /// <summary>Starts with what an earlier run found out. Without effect once a request was sent.</summary>
    public void StartFrom(LearntPace learnt) => _governor.StartFrom(learnt);

    /// <summary>Tries so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Says something once in log and summary; the latest word wins.</summary>
    public void Warn(string warning) => Volatile.Write(ref _warning, warning);

    /// <summary>What there is to say; null when there is nothing, and after it was taken.</summary>
    public string? TakeWarning() => Interlocked.Exchange(ref _warning, null);

    /// <summary>Makes a call.</summary>
    /// <returns>The answer, 2xx or an error that is about the request: 400, 404, 409, 413, 422 and the like.</returns>
    /// <exception cref="TargetStoppedException">The product is not there, does not take the credentials, or is not the product.</exception>
    public async Task<HttpAnswer> CallAsync(HttpCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            return await Tries(call).ExecuteAsync(async token => await TryAsync(call, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (TransientAnswerException exception)
        {
            throw Stop(Faults.DestinationUnavailable, exception.Message, call, exception);
        }
    }

    /// <summary>Makes a call whose answer has to be a success in JSON of the product's own shape.</summary>
    /// <exception cref="TargetStoppedException">It is something else, such as the page of a gateway: nothing that was sent counts as delivered.</exception>
    public async Task<JsonElement> CallForJsonAsync(HttpCall call, Func<JsonElement, bool> isExpected, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(call, cancellationToken).ConfigureAwait(false);
        return JsonOf(answer, call, isExpected);
    }

    /// <summary>The answer as JSON of the product's own shape.</summary>
    /// <exception cref="TargetStoppedException">It is something else, such as the page of a gateway: nothing that was sent counts as delivered.</exception>
    public JsonElement JsonOf(HttpAnswer answer, HttpCall call, Func<JsonElement, bool> isExpected) =>
        answer.IsSuccess && answer.Json() is { } json && isExpected(json) ? json : throw NotTheProduct(answer, call);

    /// <summary>An answer that the product does not give: a gateway or a login page speaks, or the address is wrong.</summary>
    public TargetStoppedException NotTheProduct(HttpAnswer answer, HttpCall call) => Stop(
        Faults.DestinationAnswerInvalid,
        $"{Host} answered {(int)answer.Status} with {answer.MediaType ?? "no media type"}, which is not an answer of the product. "
        + $"Check {_settings.AddressKey} in [{Section}].",
        call);

    /// <summary>The credentials were refused.</summary>
    public TargetStoppedException CredentialsRefused(HttpAnswer answer, HttpCall call) => Stop(
        Faults.DestinationCredentialsRefused,
        $"{Host} answered {answer.Words()}. Check {_settings.CredentialKeys} in [{Section}], and that the account may write there.",
        call);

    /// <summary>The destination is at fault, not an item: all items stay queued.</summary>
    public TargetStoppedException Misconfigured(string message, HttpCall? call = null) => Stop(Faults.DestinationMisconfigured, message, call);

    /// <summary>The product cannot do its work at present, as it says itself: all items stay queued.</summary>
    public TargetStoppedException Unavailable(string message, HttpCall? call = null) => Stop(Faults.DestinationUnavailable, message, call);

    public void Dispose()
    {
        _client.Dispose();
        _trust.Dispose();
        _governor.Dispose();
        (_authentication as IDisposable)?.Dispose();
    }

    private ResiliencePipeline Tries(HttpCall call)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = _clock };
        if (_settings.MaximumTries > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is TransientAnswerException failure
                    && !(failure.RetryAfter > _settings.LongestPause)
                    && (!failure.MayHaveWorked || (!call.IsLookedAfter && (call.IsRepeatable || args.AttemptNumber == 0)))),
                MaxRetryAttempts = _settings.MaximumTries - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _settings.FirstDelay,
                MaxDelay = _settings.LongestPause,
                DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as TransientAnswerException)?.RetryAfter),
            });
        }

        return builder.Build();
    }

    private async Task<HttpAnswer> TryAsync(HttpCall call, CancellationToken cancellationToken)
    {
        for (var isRenewed = call.IsAnonymous; ; isRenewed = true)
        {
            using var request = Request(call);
            if (!call.IsAnonymous)
            {
                await _authentication.SignAsync(this, request, cancellationToken).ConfigureAwait(false);
            }

            var (answer, retryAfter) = await SendAsync(call, request, cancellationToken).ConfigureAwait(false);
            _log.Debug("{Section}: {Method} {Path} answered {Status}", Section, call.Method.Method, call.Path, (int)answer.Status);
            switch (answer.Status)
            {
                case HttpStatusCode.Unauthorized when !isRenewed && await _authentication.RenewAsync(this, request, cancellationToken).ConfigureAwait(false):
                    continue;
                case HttpStatusCode.Unauthorized:
                case HttpStatusCode.Forbidden when !call.ForbiddenIsAnswer:
                    throw CredentialsRefused(answer, call);
                case HttpStatusCode.ProxyAuthenticationRequired:
                    throw Stop(Faults.DestinationUnavailable, $"The proxy asks for credentials, or refuses those of [local_proxy], for {Host}.", call);
                case HttpStatusCode.InternalServerError when call.ServerErrorIsAnswer:
                    return answer;
                case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425:
                case >= HttpStatusCode.InternalServerError:
                    throw new TransientAnswerException($"{Host} answered {answer.Words()}.", retryAfter);
                case >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest:
                    throw NotTheProduct(answer, call);
                default:
                    return answer;
            }
        }
    }

    private async Task<(HttpAnswer Answer, TimeSpan? RetryAfter)> SendAsync(HttpCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(call, cancellationToken).ConfigureAwait(false);
        if (BeforeChange is not null && call.Method != HttpMethod.Get)
        {
            // After the wait for a turn, which may be long.
            await BeforeChange(cancellationToken).ConfigureAwait(false);
        }

        Interlocked.Increment(ref _calls);
        using var limit = new CancellationTokenSource(_settings.ReadTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            turn.HeadCame();
            var answer = new HttpAnswer
            {
                Status = response.StatusCode,
                MediaType = response.Content.Headers.ContentType?.MediaType,
                Location = response.Headers.Location,
                Body = await ReadAsync(response.Content, either.Token).ConfigureAwait(false),
                Secrets = _authentication.Secrets,
            };
            var retryAfter = RetryAfterOf(response) ?? (answer.Status == HttpStatusCode.TooManyRequests ? _settings.PauseInWords?.Invoke(answer) : null);
            switch (answer.Status)
            {
                case HttpStatusCode.TooManyRequests:
                    turn.Refused(retryAfter);
                    break;
                case HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout:
                    turn.Overloaded(retryAfter);
                    break;
                default:
                    turn.Answered();
                    break;
            }

            return (answer, retryAfter);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidDataException
            && !cancellationToken.IsCancellationRequested)
        {
            throw Failure(exception, limit.IsCancellationRequested, call, turn);
        }
    }

    private async ValueTask<RequestTurn> EnterAsync(HttpCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await _governor.EnterAsync(call.Method.Method, cancellationToken).ConfigureAwait(false);
        }
        catch (PauseTooLongException exception)
        {
            throw Stop(
                Faults.DestinationUnavailable,
                FormattableString.Invariant($"{Host} asks for a pause of {exception.Left.TotalSeconds:0} seconds, which is too long to wait for."),
                call,
                exception);
        }
    }

    private HttpRequestMessage Request(HttpCall call)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_settings.Address.AbsoluteUri.TrimEnd('/') + call.PathAndQuery, AsWritten));
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (call.MediaType is string mediaType)
        {
            request.Content = _settings.Compress ? Compressed(call.Body) : new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
            if (_settings.Compress)
            {
                request.Content.Headers.ContentEncoding.Add("gzip");
            }
        }

        return request;
    }

    private static ReadOnlyMemoryContent Compressed(ReadOnlyMemory<byte> body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }

        return new ReadOnlyMemoryContent(packed.GetBuffer().AsMemory(0, (int)packed.Length));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = stream.ConfigureAwait(false);
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(read);
            if (body.WrittenCount > LargestAnswerBytes)
            {
                throw new InvalidDataException("The answer is larger than any answer of the product.");
            }
        }
    }

    private Exception Failure(Exception exception, bool timedOut, HttpCall call, RequestTurn turn)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException && _trust.Refusal is string refusal)
            {
                return Stop(Faults.DestinationCertificateRefused, $"The certificate of {Host} was refused: {refusal}.", call, exception);
            }

            if (cause is ProxyRefusedException refused)
            {
                return Stop(Faults.DestinationUnavailable, $"The proxy does not open the way to {Host}: {refused.Message}", call, exception);
            }
        }

        // A name that is not found or a port that is closed has nothing to do with how much we send, and nothing arrived.
        var reached = timedOut || exception is not HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError,
        };
        if (reached)
        {
            turn.Overloaded();
        }

        return new TransientAnswerException(
            timedOut
                ? FormattableString.Invariant($"{Host} gave no whole answer within {_settings.ReadTimeout.TotalSeconds:0.#} seconds.")
                : $"{(reached ? "The connection to" : "No connection to")} {Host}{(reached ? " broke" : string.Empty)}: {exception.GetBaseException().Message.ReplaceLineEndings(" ")}",
            innerException: exception)
        {
            MayHaveWorked = reached,
        };
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: TimeSpan delta } => delta,
        // Both dates are the server's, so a wrong clock here does no harm.
        { Date: DateTimeOffset date } when date - (response.Headers.Date ?? _clock.GetUtcNow()) is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private TargetStoppedException Stop(FaultKind kind, string message, HttpCall? call, Exception? cause = null) => new(
        new Fault { Kind = kind, Message = message, Where = $"[{Section}] {call?.Method.Method} {Host}{call?.Path}".TrimEnd() }, cause)
    {
        IsAnswerLost = cause is TransientAnswerException { MayHaveWorked: true },
    };
}
