using System.Globalization;
using System.Net;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Network;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Polly;
using Polly.Retry;
using Serilog;

namespace PhishMe.Engine.Api;

/// <summary>The ThreatHQ API: every request passes the one governor, is retried by one policy, and fails as one kind of exception.</summary>
internal sealed class ThreatHqClient : IDisposable, IPacedHost
{
    private readonly ApiTransport _transport;
    private readonly Uri _base;
    private readonly RequestGovernor _governor;
    private readonly ResiliencePipeline _tries;
    private readonly ApiTimings _timings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Action<string>? _step;
    private int _requests;
    private bool _answered;

    public ThreatHqClient(
        ApiSettings api, ProxySettings? proxy, string userAgent, ApiTimings timings, TimeProvider clock, ILogger log, Action<string>? step = null)
    {
        _transport = new ApiTransport(api, proxy, userAgent, timings);
        _base = api.BaseUri;
        _governor = new RequestGovernor(
            new PaceCeilings(api.ConcurrentRequests, api.RequestsPerSecond, timings.LongestRetryAfter), clock);
        _timings = timings;
        _clock = clock;
        _log = log;
        _step = step;
        _tries = Tries(api.MaximumTries, timings, clock);
    }

    /// <summary>The host: name and port.</summary>
    public string Host => _base.Authority;

    /// <summary>How fast the host was found to take requests by this client; null before anything was found out.</summary>
    public LearntPace? Pace => _governor.Learnt;

    /// <summary>Starts with what an earlier run found out about the host. Without effect once a request was sent.</summary>
    /// <param name="learnt">What is known.</param>
    public void StartFrom(LearntPace learnt) => _governor.StartFrom(learnt);

    /// <summary>Requests that the host refused because they came too fast.</summary>
    public int Refused => _governor.Refused;

    /// <summary>Requests sent so far, repeats included.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Server clock minus ours, from the newest answer that said its date; null before the first.</summary>
    public TimeSpan? ClockSkew { get; private set; }

    /// <summary>The server's clock as the newest answer said it; null before the first.</summary>
    public DateTimeOffset? ServedAt { get; private set; }

    /// <summary><c>GET /feed/</c>: proves reachability and credentials.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        using var body = await SendAsync(HttpMethod.Get, "/feed/", ApiLimits.LargestThreatBytes, IsJson, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary><c>GET /feed/</c>: the feeds.</summary>
    public Task<IReadOnlyList<Feed>> GetFeedsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "/feed/", ApiLimits.LargestThreatBytes, FeedListReader.Read, cancellationToken);

    /// <summary><c>GET /indicator/search</c>: one zero-based page.</summary>
    public Task<IndicatorPage> GetIndicatorsAsync(DateTimeOffset since, int page, int resultsPerPage, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            Invariant($"/indicator/search?resultsPerPage={resultsPerPage}&page={page}&sinceLastPublished={since.ToUnixTimeSeconds()}"),
            ApiLimits.LargestPageBytes,
            IndicatorPage.Read,
            cancellationToken);

    /// <summary><c>GET /t3/malware/{id}/html</c> or <c>/pdf</c>: the Active Threat Report.</summary>
    public async Task<byte[]> GetReportAsync(long number, ReportFormat format, CancellationToken cancellationToken)
    {
        var word = format == ReportFormat.Html ? "html" : "pdf";
        using var body = await SendAsync<ResponseBody>(
            HttpMethod.Get, Invariant($"/t3/malware/{number}/{word}"), ApiLimits.LargestThreatBytes, static (body, _) => body, cancellationToken)
            .ConfigureAwait(false);
        return body.Bytes.ToArray();
    }

    /// <summary><c>POST /threat/search</c>. Dispose the page when its documents are no longer needed.</summary>
    public Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        var path = "/threat/search" + Parameters(query);
        return SendAsync(HttpMethod.Post, path, ApiLimits.LargestPageBytes, SearchPageReader.Read, cancellationToken);
    }

    /// <summary><c>GET /threat/malware|phish/{id}</c>: a page of one.</summary>
    public Task<SearchPage> GetThreatAsync(ThreatId id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, Invariant($"/threat/{ThreatTypes.Word(id.Type)}/{id.Number}"), ApiLimits.LargestThreatBytes, SearchPageReader.Read, cancellationToken);

    /// <summary><c>POST /threat/updates</c> by position or, without one, by time (epoch seconds; milliseconds would match nothing).</summary>
    public Task<ChangelogPage> GetUpdatesAsync(string? position, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var parameter = position is null
            ? Invariant($"timestamp={since.ToUnixTimeSeconds()}")
            : "position=" + Uri.EscapeDataString(position);
        return SendAsync<ChangelogPage>(
            HttpMethod.Post,
            "/threat/updates?" + parameter,
            ApiLimits.LargestThreatBytes,
            static (body, where) =>
            {
                using (body)
                {
                    return ChangelogPage.Read(body.Bytes, where);
                }
            },
            cancellationToken);
    }

    /// <summary><c>POST /t3/cef</c>: the lines of all threats of both products in a window of at most 24 h.</summary>
    public Task<ResponseBody> GetCefWindowAsync(DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            Invariant($"/t3/cef?beginTimestamp={begin.ToUnixTimeSeconds()}&endTimestamp={end.ToUnixTimeSeconds()}"),
            ApiLimits.LargestPageBytes,
            IsCef,
            cancellationToken);

    /// <summary><c>GET /t3/{type}/{id}/cef</c> or <c>/stix</c>: one threat as the API renders it.</summary>
    public async Task<byte[]> GetRenditionAsync(ThreatId id, OutputFormat format, CancellationToken cancellationToken)
    {
        var word = format == OutputFormat.Cef ? "cef" : "stix";
        using var body = await SendAsync<ResponseBody>(
            HttpMethod.Get,
            Invariant($"/t3/{ThreatTypes.Word(id.Type)}/{id.Number}/{word}"),
            ApiLimits.LargestThreatBytes,
            format == OutputFormat.Cef ? IsCef : static (body, _) => body,
            cancellationToken).ConfigureAwait(false);
        return body.Bytes.ToArray();
    }

    public void Dispose()
    {
        _transport.Dispose();
        _governor.Dispose();
    }

    private static ResiliencePipeline Tries(int maximumTries, ApiTimings timings, TimeProvider clock)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock };
        if (maximumTries > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ApiException>(exception =>
                    exception.IsTransient && !(exception.RetryAfter > timings.LongestRetryAfter)),
                MaxRetryAttempts = maximumTries - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = timings.FirstDelay,
                MaxDelay = timings.LongestDelay,
            });
        }

        return builder.Build();
    }

    private Task<T> SendAsync<T>(HttpMethod method, string pathAndQuery, int maximumBytes, Func<ResponseBody, string, T> read, CancellationToken cancellationToken)
    {
        var where = $"{method} {_base.GetLeftPart(UriPartial.Path)}{PathOf(pathAndQuery)}";
        return _tries.ExecuteAsync(
            async token => await TryAsync(method, pathAndQuery, where, maximumBytes, read, token).ConfigureAwait(false),
            cancellationToken).AsTask();
    }

    private async Task<T> TryAsync<T>(
        HttpMethod method, string pathAndQuery, string where, int maximumBytes, Func<ResponseBody, string, T> read, CancellationToken cancellationToken)
    {
        using var turn = await ApiPacing.EnterAsync(_governor, PathOf(pathAndQuery), cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_timings.AttemptTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, _base.AbsoluteUri.TrimEnd('/') + pathAndQuery)
        {
            Version = _transport.Http.DefaultRequestVersion,
            VersionPolicy = _transport.Http.DefaultVersionPolicy,
        };
        if (method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent([]); // All parameters are in the query (reference/api.md §1).
        }

        Interlocked.Increment(ref _requests);
        try
        {
            using var response = await _transport.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            turn.HeadCame();
            if (response.Headers.Date is DateTimeOffset served)
            {
                ServedAt = served;
                ClockSkew = served - _clock.GetUtcNow();
            }

            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(response, where, either.Token).ConfigureAwait(false);
            }

            var body = await ResponseBody.ReadAsync(response, maximumBytes, where, either.Token).ConfigureAwait(false);
            _log.Debug("{Method} {Path} answered {Status} with {Bytes} bytes", method.Method, pathAndQuery, (int)response.StatusCode, body.Length);
            turn.Answered();
            var result = read(body, where);
            Volatile.Write(ref _answered, true);
            _step?.Invoke("request-answered");
            return result;
        }
        catch (ApiException exception)
        {
            _log.Warning("{Where} failed: {Message}", where, exception.Message);
            ApiPacing.Tell(turn, exception);
            throw;
        }
        catch (InvalidDataException exception)
        {
            ApiException failure = new(ApiFailure.Answer, "The compressed answer is corrupt.", where, exception);
            _log.Warning("{Where} failed: {Message}", where, failure.Message);
            throw failure;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && cancellationToken.IsCancellationRequested)
        {
            // A request that is cancelled midway may end with a broken connection.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            var failure = _transport.Failure(exception, limit.IsCancellationRequested, where);
            ApiPacing.Tell(turn, failure);
            _log.Warning("{Where} failed: {Message}", where, failure.Message);
            throw failure;
        }
    }

    private async Task<ApiException> RefusalAsync(HttpResponseMessage response, string where, CancellationToken cancellationToken)
    {
        var status = Invariant($"{(int)response.StatusCode} {response.ReasonPhrase}");
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
        {
            return _transport.ProxyFailure(response.StatusCode, status, where);
        }

        var failure = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => ApiFailure.Refused,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ApiFailure.Credentials,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => ApiFailure.NotFound,
            HttpStatusCode.TooManyRequests => ApiFailure.Throttled,
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => ApiFailure.Unavailable,
            HttpStatusCode.RequestTimeout => ApiFailure.Network,
            >= HttpStatusCode.InternalServerError => ApiFailure.ServerError,
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => ApiFailure.Answer,
            _ => ApiFailure.Refused,
        };
        var message = $"The API answered {status}{await ServerTextAsync(response, cancellationToken).ConfigureAwait(false)}.";
        return new ApiException(failure, message, where)
        {
            RetryAfter = RetryAfterOf(response),
            AddressHint = failure is ApiFailure.NotFound or ApiFailure.Refused && !Volatile.Read(ref _answered) ? AddressHint() : null,
        };
    }

    /// <summary>A refusal of the very first request does not pass by waiting: mostly the path of the API is missing.</summary>
    private string AddressHint() =>
        $"It was the first request. base_url is {_base.GetLeftPart(UriPartial.Path).TrimEnd('/')}; it should be the root of the API with its path, such as https://www.threathq.com/apiv1.";

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: TimeSpan delta } => delta,
        // Both dates are the server's, so a wrong clock here does no harm.
        { Date: DateTimeOffset date } => Max(date - (response.Headers.Date ?? _clock.GetUtcNow())),
        _ => null,
    };

    private static TimeSpan Max(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    /// <summary>The message at <c>data.exception</c> (reference/api.md §6), if there is one.</summary>
    private static async Task<string> ServerTextAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const int Enough = 64 * 1024;
        try
        {
            using var body = await ResponseBody.ReadAsync(response, Enough, string.Empty, cancellationToken).ConfigureAwait(false);
            using var json = System.Text.Json.JsonDocument.Parse(body.Bytes);
            return json.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty("exception", out var text)
                ? $": {text.ToString().ReplaceLineEndings(" ")}"
                : string.Empty;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or ApiException or InvalidOperationException or HttpRequestException or IOException or InvalidDataException)
        {
            return string.Empty;
        }
    }

    private static ResponseBody IsJson(ResponseBody body, string where) =>
        body.Bytes.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..]
            ? body
            : throw Unexpected(body, "The answer is not JSON.", where);

    /// <summary>Nothing at all, or a first line with a CEF header: pages, JSON and garbage must not reach a SIEM as events.</summary>
    private static ResponseBody IsCef(ResponseBody body, string where)
    {
        var text = body.Bytes.Span.TrimStart(" \t\r\n"u8);
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        return text is [] || (end < 0 ? text : text[..end]).IndexOf("CEF:"u8) >= 0
            ? body
            : throw Unexpected(body, "The answer is not CEF.", where);
    }

    private static ApiException Unexpected(ResponseBody body, string message, string where)
    {
        body.Dispose();
        return new ApiException(ApiFailure.Answer, message, where);
    }

    private static string Parameters(SearchQuery query)
    {
        var text = new StringBuilder("?");
        if (query.Ids is { } ids)
        {
            ArgumentOutOfRangeException.ThrowIfZero(ids.Count);
            text.Append(CultureInfo.InvariantCulture, $"resultsPerPage={query.ResultsPerPage}");
            foreach (var id in ids)
            {
                text.Append(CultureInfo.InvariantCulture, $"&threatId={id}");
            }
        }
        else
        {
            text.Append("threatType=").Append(query.Type is ThreatType type ? ThreatTypes.Word(type) : "all");
            if (query.Begin is DateTimeOffset begin)
            {
                text.Append(CultureInfo.InvariantCulture, $"&beginTimestamp={begin.ToUnixTimeSeconds()}");
            }

            if (query.End is DateTimeOffset end)
            {
                text.Append(CultureInfo.InvariantCulture, $"&endTimestamp={end.ToUnixTimeSeconds()}");
            }

            text.Append(CultureInfo.InvariantCulture, $"&resultsPerPage={query.ResultsPerPage}&page={query.Page}");
        }

        foreach ((var name, var value) in query.Fields)
        {
            text.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }

    private static string PathOf(string pathAndQuery)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? pathAndQuery : pathAndQuery[..query];
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
