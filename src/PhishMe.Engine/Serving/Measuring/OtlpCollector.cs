using System.Net.Http.Headers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>
/// The collector of [local_metrics] otlp_endpoint. Monitoring is no part of the work: whatever is wrong with the collector is a sentence and no exception, and
/// nothing waits longer than the limit. What was not taken is not sent again, because the next export has newer figures.
/// </summary>
internal sealed class OtlpCollector : IDisposable
{
    private readonly OtlpSettings _settings;
    private readonly TimeProvider _clock;
    private readonly PeerTrust _trust;
    private readonly HttpClient _client;

    /// <param name="settings">The collector.</param>
    /// <param name="proxy">[local_proxy]; a collector on this machine is reached without it.</param>
    /// <param name="version">The version of the product, for the User-Agent.</param>
    /// <param name="clock">The clock that limits are measured by.</param>
    public OtlpCollector(OtlpSettings settings, ProxySettings? proxy, string version, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _clock) = (settings, clock);
        _trust = new PeerTrust(new PeerTrustSettings { AuthorityKey = "the system", Unreadable = Faults.ConfigurationInvalid });
        var target = new HttpTargetSettings
        {
            Address = settings.Address,
            Section = MetricsKeys.SectionName,
            CredentialKeys = "otlp_headers",
            Proxy = settings.Address.IsLoopback ? null : proxy,
            ConcurrentCalls = 1,
        };
        _client = new HttpClient(TargetHandler.Create(target, _trust)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"PhishMe.PowerShell/{version}");
        foreach (var (name, value) in settings.Headers)
        {
            _client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Sends a request of OTLP, once.</summary>
    /// <param name="request">The request; an empty one is valid, too, and has no figures.</param>
    /// <param name="limit">How long it may take, connection included.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Why the collector did not take it; null when it did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> stopped it.</exception>
    public async Task<string?> TrySendAsync(ReadOnlyMemory<byte> request, TimeSpan limit, CancellationToken cancellationToken)
    {
        var problem = await SendAsync(request, limit, cancellationToken).ConfigureAwait(false);
        return problem is null ? null : $"{problem} Correct otlp_endpoint in [{MetricsKeys.SectionName}], or start the collector.";
    }

    public void Dispose()
    {
        _client.Dispose();
        _trust.Dispose();
    }

    private async Task<string?> SendAsync(ReadOnlyMemory<byte> request, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var content = new ReadOnlyMemoryContent(request);
            content.Headers.ContentType = new MediaTypeHeaderValue(OtlpMetrics.MediaType);
            using var message = new HttpRequestMessage(HttpMethod.Post, _settings.Address) { Content = content };
            using var answer = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? null
                : FormattableString.Invariant($"The collector {_settings.Address.Authority} answered {(int)answer.StatusCode} instead of taking the figures.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FormattableString.Invariant($"The collector {_settings.Address.Authority} did not answer within {limit.TotalSeconds:0.#} seconds.");
        }
#pragma warning disable CA1031 // As the class says.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return $"The collector {_settings.Address.Authority} cannot be reached: {_trust.Refusal ?? exception.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
        }
    }
}
