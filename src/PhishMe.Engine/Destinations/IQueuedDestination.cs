using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination whose items are queued in the transaction of the batch and sent afterwards.</summary>
internal interface IQueuedDestination
{
    /// <summary>How much may wait, and what happens beyond it.</summary>
    QueueLimit Limit { get; }

    /// <summary>The items of a delivery, in the order in which they are to be sent. Keeps nothing: the same delivery gives the same items.</summary>
    IEnumerable<QueueItem> Compose(Delivery delivery);

    /// <summary>What becomes of the indicators of a delivery, for targets that carry only some kinds.</summary>
    KindCounts Count(Delivery delivery) => KindCounts.None;

    /// <summary>Items that end a good run, such as a heartbeat; usually none.</summary>
    /// <param name="runId">Stands on every line of the log.</param>
    /// <param name="now">Our clock.</param>
    IEnumerable<QueueItem> ComposeEndOfRun(string runId, DateTimeOffset now) => [];

    /// <summary>Makes the sender of this run; connects to nothing.</summary>
    IQueueSender CreateSender();
}
