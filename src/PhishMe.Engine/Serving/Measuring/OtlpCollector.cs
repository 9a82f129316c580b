using System.Net;
using System.Net.Http.Headers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>
/// The way to the collector of [local_metrics] otlp_endpoint: its proxy, its trust, its headers, and what became of the last request, which the exporter of OpenTelemetry
/// does not say. Monitoring is no part of the work: whatever is wrong with the collector is a sentence and no exception, and nothing waits longer than the limit.
/// </summary>
internal sealed class OtlpCollector : DelegatingHandler
{
    private const string MediaType = "application/x-protobuf";

    private readonly OtlpSettings _settings;
    private readonly string _userAgent;
    private readonly TimeProvider _clock;
    private readonly PeerTrust _trust;
    private Exchange? _exchange;

    /// <param name="settings">The collector.</param>
    /// <param name="proxy">[local_proxy]; a collector on this machine is reached without it.</param>
    /// <param name="version">The version of the product, for the User-Agent.</param>
    /// <param name="clock">The clock that limits are measured by.</param>
    public OtlpCollector(OtlpSettings settings, ProxySettings? proxy, string version, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _userAgent, _clock) = (settings, $"PhishMe.PowerShell/{version}", clock);
        _trust = new PeerTrust(new PeerTrustSettings { AuthorityKey = "the system", Unreadable = Faults.ConfigurationInvalid });
        var target = new HttpTargetSettings
        {
            Address = settings.Address,
            Section = MetricsKeys.SectionName,
            CredentialKeys = "otlp_headers",
            Proxy = settings.Address.IsLoopback ? null : proxy,
            ConcurrentCalls = 1,
        };
        InnerHandler = TargetHandler.Create(target, _trust);
    }

    /// <summary>Where requests go.</summary>
    public Uri Address => _settings.Address;

    /// <summary>A client that goes this way. It has no limit of its own.</summary>
    public HttpClient CreateClient() => new(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends a request without figures, which is valid and leaves nothing behind.</summary>
    /// <param name="limit">How long it may take, connection included.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Why the collector did not take it; null when it did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> stopped it.</exception>
    public Task<string?> TryAskAsync(TimeSpan limit, CancellationToken cancellationToken) => TryExchangeAsync(
        async () =>
        {
            using var client = CreateClient();
            using var content = new ByteArrayContent([]);
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
            using var answer = await client.PostAsync(Address, content, cancellationToken).ConfigureAwait(false);
        },
        limit,
        cancellationToken);

    /// <summary>Lets requests pass while a piece of work sends them, one exchange at a time. Each attempt counts against the one limit.</summary>
    /// <param name="send">Sends; what it throws does not matter.</param>
    /// <param name="limit">How long it may take, connection included.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Why the collector did not take the last request; null when it did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> stopped it.</exception>
    public async Task<string?> TryExchangeAsync(Func<Task> send, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(send);
        using var patience = new CancellationTokenSource(limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var exchange = new Exchange { Limit = limit, End = either.Token };
        _exchange = exchange;
        try
        {
            await send().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As the class says; the request has left its reason.
        catch
#pragma warning restore CA1031
        {
        }
        finally
        {
            _exchange = null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return exchange.Problem is string problem ? $"{problem} Correct otlp_endpoint in [{MetricsKeys.SectionName}], or start the collector." : null;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_exchange is not Exchange exchange)
        {
            // The exporter sends once more when it is disposed: the same figures again.
            return new HttpResponseMessage(HttpStatusCode.OK);
        }

        request.Headers.Remove("User-Agent");
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        foreach (var (name, value) in _settings.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(exchange.End, cancellationToken);
        try
        {
            var answer = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            exchange.Problem = answer.IsSuccessStatusCode
                ? null
                : FormattableString.Invariant($"The collector {Address.Authority} answered {(int)answer.StatusCode} instead of taking the figures.");
            return answer;
        }
        catch (OperationCanceledException)
        {
            exchange.Problem = FormattableString.Invariant($"The collector {Address.Authority} did not answer within {exchange.Limit.TotalSeconds:0.#} seconds.");
            throw;
        }
        catch (Exception exception)
        {
            exchange.Problem = $"The collector {Address.Authority} cannot be reached: {_trust.Refusal ?? exception.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _trust.Dispose();
        }
    }

    private sealed class Exchange
    {
        public required TimeSpan Limit { get; init; }

        public required CancellationToken End { get; init; }

        /// <summary>Until a request is sent: that there was none.</summary>
        public string? Problem { get; set; } = "The figures could not be written for the collector.";
    }
}
