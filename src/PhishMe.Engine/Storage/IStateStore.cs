using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>
/// What a run remembers, and what hosts could share: the cursor of the sync, the offset of each destination, what each was given, queues, dead letters,
/// runs. May be used by several tasks; a transaction keeps the others out until it ends.
/// </summary>
/// <remarks>Every call throws a <see cref="PhishMeException"/> when the state cannot be used, and a <see cref="StateDamagedException"/> when it is damaged.</remarks>
internal interface IStateStore : IDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Path { get; }

    /// <summary>What stays with this host.</summary>
    IHostState Host { get; }

    /// <summary>The newest run that did not say how it ended, as the state had it when it was opened.</summary>
    RunRecord? Unfinished { get; }

    /// <summary>Whether the newest run of all hosts did not say how it ended, as the state had it when it was opened.</summary>
    bool DidLastRunDie => Unfinished is not null;

    /// <summary>Null before the first backfill.</summary>
    SyncCursor? Cursor { get; }

    /// <summary>Counts the batches that the sync has committed.</summary>
    long Commit { get; }

    /// <summary>The store of threats.</summary>
    IThreatArchive Archive { get; }

    /// <summary>The order of what TAXII serves.</summary>
    IServedOrder Served { get; }

    /// <summary>What a target has of us.</summary>
    IDestinationLedger LedgerOf(DestinationId destination);

    /// <summary>Makes sure that no other run took over meanwhile; asked before a product is changed. A state of this host alone has its lock file for that.</summary>
    /// <exception cref="PhishMeException">Another run took over: <see cref="Faults.StateLeaseLost"/>.</exception>
    Task ConfirmLeaseAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Records that a run began; until <see cref="EndRunAsync"/> the state says that one is under way.</summary>
    Task BeginRunAsync(string runId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Records how the run ended.</summary>
    /// <param name="now">Our clock.</param>
    /// <param name="repaired">Whether all is in order: then this run and what earlier ones left open are over; otherwise the next one repairs.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="summary">The summary as JSON; null for work that is not a run, which the history does not show.</param>
    /// <param name="mirrored">The position that config.ini shows now.</param>
    Task EndRunAsync(DateTimeOffset now, bool repaired, ExitCode exitCode, string? summary, string mirrored);

    /// <summary>
    /// Once after an upgrade from a version without offsets: gives the destinations that it delivered to an offset, so that they do not catch up.
    /// </summary>
    Task AdoptAsync(IReadOnlyCollection<DestinationId> configured, CancellationToken cancellationToken);

    /// <summary>The destinations that were ever delivered to.</summary>
    Task<IReadOnlyList<DestinationState>> GetDestinationsAsync(CancellationToken cancellationToken);

    /// <summary>What a destination was last given of some threats; those it was never given are missing in the answer.</summary>
    Task<IReadOnlyDictionary<ThreatId, DeliveryRecord>> GetDeliveriesAsync(
        DestinationId destination, IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken);

    /// <summary>Threats that a destination has and that were withdrawn without it.</summary>
    Task<IReadOnlyList<ThreatId>> GetWithdrawnAsync(DestinationId destination, int most, CancellationToken cancellationToken);

    /// <summary>Threats that a destination has and that were published last before a time; those without a date, that were delivered before it.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="before">Epoch milliseconds.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<ThreatId>> GetOverdueAsync(DestinationId destination, long before, int most, CancellationToken cancellationToken);

    /// <summary>Those of some threats that the API reported withdrawn.</summary>
    Task<IReadOnlySet<ThreatId>> GetWithdrawnAmongAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken);

    /// <summary>Epoch milliseconds of first publication as last seen; unknown ones are missing in the answer.</summary>
    Task<IReadOnlyDictionary<ThreatId, long>> GetFirstPublishedAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken);

    /// <summary>The dead letters, oldest first.</summary>
    Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(CancellationToken cancellationToken);

    /// <summary>What waits in a queue.</summary>
    Task<QueueDepth> GetQueueDepthAsync(DestinationId destination, CancellationToken cancellationToken);

    /// <summary>The items to send next, in order: due, and with no item of the same key before them that is not.</summary>
    Task<IReadOnlyList<QueueItem>> ReadQueueAsync(
        DestinationId destination, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Summaries of past runs as JSON, newest first.</summary>
    Task<IReadOnlyList<string>> GetRunSummariesAsync(int most, CancellationToken cancellationToken);

    /// <summary>What was learnt of a host; null when nothing.</summary>
    Task<HostPace?> GetPaceAsync(string host, CancellationToken cancellationToken);

    /// <summary>Remembers what was learnt of a host.</summary>
    Task SetPaceAsync(HostPace pace, CancellationToken cancellationToken);

    /// <summary>Starts a transaction; others wait until it is disposed.</summary>
    Task<IStateTransaction> BeginAsync(CancellationToken cancellationToken);
}
