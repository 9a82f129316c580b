using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Queues;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>One destination in a run: chooses what is new to it, hands that over, and counts.</summary>
internal sealed class OpenDestination : IAsyncDisposable
{
    private readonly ITransactionalDestination? _files;
    private Delivery? _delivery;
    private PreparedDelivery? _prepared;
    private IReadOnlyList<QueueItem> _items = [];
    private HashSet<ThreatId> _over = [];
    private KindCounts _kinds = KindCounts.None;
    private DestinationSummary _summary;

    public OpenDestination(Destination settings, ITransactionalDestination? files, QueueDrainer? queue, DestinationState state)
    {
        Settings = settings;
        _files = files;
        Queue = queue;
        State = state;
        HasFallenBehind = queue?.HasOverflowed ?? false;
        _summary = Summary = new DestinationSummary { Id = settings.Id.ToString(), Kind = settings.Kind, Section = settings.Section };
    }

    public Destination Settings { get; }

    public DestinationId Id => Settings.Id;

    /// <summary>Its queue; null when it has none.</summary>
    public QueueDrainer? Queue { get; }

    /// <summary>Its offset as the state has it.</summary>
    public DestinationState State { get; set; }

    /// <summary>What was committed.</summary>
    public DestinationSummary Summary { get; private set; }

    /// <summary>What the last batch put into its queue.</summary>
    public IReadOnlyList<QueueItem> Queued => _items;

    /// <summary>Items that wait in its queue, as last counted.</summary>
    public long Waiting { get; set; }

    /// <summary>Why it could not catch up or be rebuilt in this run; null when it could.</summary>
    public Fault? Failure { get; set; }

    /// <summary>Whether it is given nothing at present, because its queue is full; it catches up later.</summary>
    public bool HasFallenBehind { get; private set; }

    public IReadOnlyList<AppendLength> UnknownLengths => _files?.UnknownLengths ?? [];

    /// <summary>Threats of a batch that an earlier run wrote and did not commit.</summary>
    public IReadOnlyList<ThreatId> Interrupted => _files?.Interrupted ?? [];

    /// <summary>Removes what such a batch left of threats that the destination does not have.</summary>
    public IReadOnlyList<AppendLength> PutRight(IReadOnlySet<ThreatId> missing) => _files?.PutRight(missing) ?? [];

    /// <summary>Begins with a batch whose turn is still to come.</summary>
    public void BeginAhead(Batch batch) => _files?.BeginAhead(batch);

    /// <summary>What was begun for a batch is no longer needed.</summary>
    public Task AbandonAsync(Batch batch) => _files?.AbandonAsync(batch) ?? Task.CompletedTask;

    /// <summary>Chooses what of a batch is new to it, and makes that ready.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="selector">Selects what is new to the destination.</param>
    /// <param name="changes">What left threats since their last version.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="leavesOutOver">Whether threats that are older than the destination keeps them are left out: they would only have to be taken back.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task PrepareAsync(
        Batch batch, DeliverySelector selector, BatchChanges changes, DateTimeOffset now, bool leavesOutOver, CancellationToken cancellationToken)
    {
        _summary = Summary;
        (_delivery, var unchanged) = await selector.SelectAsync(Settings, batch, changes, now, cancellationToken).ConfigureAwait(false);
        _prepared = _files?.Prepare(batch, _delivery);
        _over = leavesOutOver ? OverIn(_delivery) : [];
        var composed = _over.Count == 0 ? _delivery : _delivery with { Threats = [.. _delivery.Threats.Where(threat => !_over.Contains(threat.Id))] };
        _items = Queue is null ? [] : Queue.Compose(composed);
        _kinds = Queue is null ? KindCounts.None : Queue.Count(composed);
        _summary = _summary with { Unchanged = _summary.Unchanged + unchanged };
    }

    /// <summary>What it already has and what changed is never left out here: that is taken back in the open.</summary>
    private HashSet<ThreatId> OverIn(Delivery delivery) => Settings is QueuedDestination { Retention: TimeSpan retention }
        ? [.. delivery.Threats
            .Where(threat => threat.Before is not { Withdrawn: false }
                && (threat.Unit.LastPublished ?? threat.Unit.FirstPublished) < (delivery.Now - retention).ToUnixTimeMilliseconds())
            .Select(threat => threat.Id)]
        : [];

    /// <summary>Writes what is to be on the disk before the state says so.</summary>
    public async Task PublishAsync(Batch batch, CancellationToken cancellationToken)
    {
        var files = _files is null ? default : await _files.PublishAsync(batch, _prepared!, cancellationToken).ConfigureAwait(false);
        _summary = _summary with
        {
            Delivered = _summary.Delivered + _delivery!.Threats.Count - _over.Count,
            Withdrawn = _summary.Withdrawn + _delivery.Withdrawn.Count,
            Removed = _summary.Removed + _delivery.Threats.Sum(threat => threat.Removed.Count),
            BytesAppended = _summary.BytesAppended + (_prepared?.BytesAppended ?? 0),
            Kinds = _kinds.AddedTo(_summary.Kinds),
            FilesWritten = _summary.FilesWritten + files.Written,
            FilesRemoved = _summary.FilesRemoved + files.Removed,
        };
    }

    /// <summary>Records what it was given in the transaction of the batch.</summary>
    public async Task RecordAsync(IStateTransaction transaction, int generation)
    {
        var delivery = _delivery!;
        var now = delivery.Now.ToUnixTimeMilliseconds();
        if (_prepared is { Lengths.Count: > 0 })
        {
            await transaction.SetLengthsAsync(_prepared.Lengths).ConfigureAwait(false);
        }

        if (Queue is not null)
        {
            await Queue.AddAsync(transaction, _items).ConfigureAwait(false);
        }

        if (delivery.IsEmpty)
        {
            return;
        }

        await transaction.RecordDeliveriesAsync(
            Id,
            [
                .. delivery.Threats.Select(threat => (threat.Id, new DeliveryRecord
                {
                    Content = threat.Rendition.Content,
                    FirstPublished = threat.Unit.FirstPublished,
                    LastPublished = threat.Unit.LastPublished,
                    Generation = generation,
                    DeliveredAt = now,
                    Withdrawn = _over.Contains(threat.Id),
                })),
                .. delivery.Withdrawn.Select(withdrawn => (withdrawn.Id, new DeliveryRecord
                {
                    Content = withdrawn.Before?.Content ?? default,
                    FirstPublished = withdrawn.FirstPublished,
                    LastPublished = withdrawn.Before?.LastPublished,
                    Generation = generation,
                    DeliveredAt = now,
                    Withdrawn = true,
                })),
            ]).ConfigureAwait(false);
    }

    /// <summary>Files of the batch that other programs hold.</summary>
    public IReadOnlyList<DeadLetter> TakeHeld() => _files?.TakeHeld() ?? [];

    /// <summary>Makes up for the files that other programs held in earlier runs.</summary>
    public (IReadOnlyList<DeadLetterPlace> Done, IReadOnlyList<DeadLetter> Held) RetryHeld() => _files?.RetryHeld() ?? ([], []);

    /// <summary>The transaction is committed.</summary>
    public void Commit()
    {
        _files?.Commit();
        Queue?.Commit();
        Summary = _summary;
        HasFallenBehind |= Queue?.HasOverflowed ?? false;
    }

    /// <summary>It is not known whether the transaction is committed: files stay as they are, until the next run knows.</summary>
    public void LeaveUnknown() => _files?.LeaveUnknown();

    /// <summary>Counts what a rebuild did.</summary>
    public void Count(RebuildResult result) => _summary = Summary = Summary with
    {
        FilesWritten = Summary.FilesWritten + result.FilesWritten,
        FilesRemoved = Summary.FilesRemoved + result.FilesRemoved,
        Kinds = result.Kinds,
    };

    /// <summary>It has caught up with what it missed.</summary>
    public void Resume() => HasFallenBehind = false;

    /// <summary>Goes back to the last commit.</summary>
    /// <returns>Whether everything is as it was.</returns>
    public async Task<bool> RollBackAsync()
    {
        _summary = Summary;
        Queue?.RollBack();
        return _files is null || await _files.RollBackAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_files is not null)
        {
            await _files.DisposeAsync().ConfigureAwait(false);
        }

        if (Queue is not null)
        {
            await Queue.DisposeAsync().ConfigureAwait(false);
        }
    }
}
