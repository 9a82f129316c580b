using System.Globalization;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Sends events to a collector, and confirms each batch.</summary>
internal sealed class SyslogQueueSender(SyslogEndpoint endpoint, SyslogSettings settings, DestinationHost host) : IQueueSender
{
    /// <summary>Events sent, and confirmed, at a time; fewer where <c>max_eps</c> is low, so that a batch is done within seconds.</summary>
    private const int MostEvents = 2000;
    private const int BatchSeconds = 10;

    /// <summary>A collector that takes longer for a batch, its own time by <c>max_eps</c> included, is too slow.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly SyslogSender _sender = new(endpoint, host.Clock);

    public QueueBatch LargestBatch { get; } = new(Math.Min(MostEvents, settings.MaximumEventsPerSecond * BatchSeconds));

    public async Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAndConfirmAsync(items, cancellationToken).ConfigureAwait(false);
        }
        catch (PhishMeException exception)
        {
            // Whatever was handed over may be lost with the connection: all of it stays in the queue.
            return new SendResult { Outcomes = [], Failure = exception.Fault };
        }
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var result in new SyslogCheck(endpoint, host.Clock).RunAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    /// <summary>The event, shortened where max_message_bytes wants that; null when it is too long even then.</summary>
    private ReadOnlyMemory<byte>? Fitting(ReadOnlyMemory<byte> payload) =>
        settings.MaximumMessageBytes is int most && payload.Length > most ? CefShortening.Shorten(payload, most) : payload;

    /// <exception cref="PhishMeException">It has not arrived, as far as is known.</exception>
    private async Task<SendResult> SendAndConfirmAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_patience, host.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            ReadOnlyMemory<byte>?[] events = [.. items.Select(item => Fitting(item.Payload))];
            int[] places = [.. Enumerable.Range(0, events.Length).Where(place => events[place] is not null)];
            var delivery = await _sender.SendAsync([.. places.Select(place => events[place]!.Value)], either.Token).ConfigureAwait(false);
            host.Step?.Invoke("syslog-sent");
            if (delivery.Failure is not null)
            {
                throw delivery.Failure;
            }

            var confirmation = await _sender.ConfirmAsync(either.Token).ConfigureAwait(false);
            host.Step?.Invoke("syslog-confirmed");
            if (confirmation.Failure is not null)
            {
                throw confirmation.Failure;
            }

            if (delivery.Oversized > 0)
            {
                host.Log.Warning("{Count} event(s) are larger than receivers have to accept", delivery.Oversized);
            }

            var outcomes = Enumerable.Repeat(SendOutcome.Accepted, items.Count).ToArray();
            foreach (var rejection in delivery.Rejected)
            {
                outcomes[places[rejection.Index]] = SendOutcome.Rejected(rejection.Message);
            }

            for (var place = 0; place < events.Length; place++)
            {
                if (events[place] is null)
                {
                    outcomes[place] = SendOutcome.Rejected(string.Create(
                        CultureInfo.InvariantCulture, $"The event has {items[place].Payload.Length} bytes; max_message_bytes allows {settings.MaximumMessageBytes}."));
                }
            }

            return new SendResult { Outcomes = outcomes };
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PhishMeException(
                Faults.SyslogUnreachable,
                FormattableString.Invariant($"The collector is too slow: it did not accept {items.Count} event(s) within {_patience.TotalSeconds:0} s."),
                endpoint.ToString(),
                exception);
        }
    }
}
