using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>All changes of one batch: they take effect together, or not at all.</summary>
internal interface IStateTransaction : IDisposable
{
    /// <summary>Whether anything is set aside, that is, whether anything can be healed.</summary>
    Task<bool> HasDeadLettersAsync();

    /// <summary>Moves the cursor of the sync and counts the commit; remembers what config.ini shows until it shows the new position.</summary>
    /// <param name="cursor">Where the sync stands.</param>
    /// <param name="mirrored">The position config.ini shows.</param>
    /// <param name="destinations">The destinations that have the batch.</param>
    Task SetCursorAsync(SyncCursor cursor, string mirrored, IReadOnlyCollection<DestinationId> destinations);

    /// <summary>Adds or replaces the offset of a destination.</summary>
    Task SetDestinationAsync(DestinationState state);

    /// <summary>Forgets what a destination was given and what waits for it.</summary>
    Task ForgetAsync(DestinationId destination);

    /// <summary>Threats that the API served.</summary>
    Task RecordThreatsAsync(IReadOnlyCollection<SeenThreat> threats, DateTimeOffset now);

    /// <summary>Threats that the API reported withdrawn.</summary>
    Task RecordWithdrawalsAsync(IReadOnlyCollection<ThreatId> ids, DateTimeOffset now);

    /// <summary>Puts threats into the store and marks others as withdrawn there.</summary>
    Task StoreAsync(IReadOnlyCollection<PreparedThreat> threats, IReadOnlyCollection<ThreatId> withdrawn, DateTimeOffset now);

    /// <summary>What a destination was given.</summary>
    Task RecordDeliveriesAsync(DestinationId destination, IReadOnlyCollection<(ThreatId Id, DeliveryRecord Record)> deliveries);

    /// <summary>Lengths of append files when the batch is on the disk.</summary>
    Task SetLengthsAsync(IReadOnlyCollection<AppendLength> lengths);

    /// <summary>Sets something aside, or counts another failure of what already is.</summary>
    Task SetAsideAsync(DeadLetter letter, DateTimeOffset now);

    /// <summary>A dead letter is settled.</summary>
    /// <returns>Whether it was still there.</returns>
    Task<bool> HealAsync(DeadLetterPlace place, OutputFormat format);

    /// <summary>Adds items to the end of their queues.</summary>
    Task EnqueueAsync(IReadOnlyCollection<QueueItem> items);

    /// <summary>Items that left their queue.</summary>
    Task DequeueAsync(IReadOnlyCollection<long> sequences);

    /// <summary>Items that the target asked to send again.</summary>
    Task PostponeAsync(IReadOnlyCollection<(long Sequence, DateTimeOffset DueAt)> items);

    /// <summary>Removes the oldest items of a queue until some bytes are free.</summary>
    /// <returns>What was removed.</returns>
    Task<QueueDepth> DropOldestAsync(DestinationId destination, long bytes);

    /// <summary>Makes everything durable.</summary>
    Task CommitAsync();
}
