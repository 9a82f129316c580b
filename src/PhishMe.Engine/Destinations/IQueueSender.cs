using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>Sends items to one target. Used by one drainer at a time; senders of different destinations run side by side.</summary>
internal interface IQueueSender : IAsyncDisposable
{
    /// <summary>The most that one call takes.</summary>
    QueueBatch LargestBatch { get; }

    /// <summary>
    /// Sends items in their order and waits until the target has them. Repeats nothing that the target took; retries of the connection are its own affair.
    /// </summary>
    /// <returns>What became of each; never throws for the target.</returns>
    Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken);

    /// <summary>Asks the target whether it would take items, and writes nothing there.</summary>
    /// <returns>What was looked at, in order: address, credentials, rights.</returns>
    IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken);
}
