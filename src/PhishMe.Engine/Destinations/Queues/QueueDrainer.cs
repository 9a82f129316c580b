using PhishMe.Engine.Network;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations.Queues;

/// <summary>
/// The queue of one destination in a run. Items wait in the state, in order, until the target has them: a target that is down or slow stops nothing else,
/// and a kill repeats at most the items that were being sent.
/// </summary>
internal sealed class QueueDrainer(
    QueuedDestination settings, IQueuedDestination destination, IStateStore state, QueueDepth waiting, TimeProvider clock, ILogger log, SecretHiding hiding, Action<string>? step,
    IProgress<RunProgress>? progress = null)
    : IAsyncDisposable
{
    private readonly IQueueSender _sender = destination.CreateSender();
    private Counters _now = new(waiting.Bytes, 0, IsFull(destination, waiting));
    private Counters _committed = new(waiting.Bytes, 0, IsFull(destination, waiting));
    private readonly Dictionary<IndicatorKind, int> _rejectedKinds = [];
    private string? _warning;

    /// <summary>Called with what became of each item, when that is in the state; null when no one asks.</summary>
    public Action<QueueItem, SendOutcome>? Settled { get; set; }

    /// <summary>Why the target did not take everything; null when it did.</summary>
    public Fault? Failure { get; private set; }

    /// <summary>Items that gave way because the queue was full.</summary>
    public long Dropped => _committed.Dropped;

    /// <summary>Items the target took in this run.</summary>
    public long Sent { get; private set; }

    /// <summary>Items that became dead letters in this run.</summary>
    public int Rejected { get; private set; }

    /// <summary>Items that the target asked to send again.</summary>
    public long Postponed { get; private set; }

    /// <summary>When the target last took something in this run; null when it did not.</summary>
    public DateTimeOffset? LastSentAt { get; private set; }

    /// <summary>What the sender wants to be said; null when there is nothing.</summary>
    public string? Warning => _warning;

    /// <summary>Half full: a long backfill should send before it goes on.</summary>
    public bool IsFilling => _now.Bytes > destination.Limit.Bytes / 2;

    /// <summary>Whether a batch was not queued because there was no room: the destination has to catch up.</summary>
    public bool HasOverflowed => _committed.Overflowed;

    /// <summary>Items that became dead letters in this run, by the kind of their indicator.</summary>
    public IReadOnlyDictionary<IndicatorKind, int> RejectedKinds => _rejectedKinds;

    /// <summary>What the target is asked for at which pace; null when it is not paced.</summary>
    public IPacedHost? Paced => _sender as IPacedHost;

    /// <summary>What becomes of the indicators of a delivery.</summary>
    public KindCounts Count(Delivery delivery) => delivery.IsEmpty ? KindCounts.None : destination.Count(delivery);

    public IReadOnlyList<QueueItem> Compose(Delivery delivery) => delivery.IsEmpty ? [] : [.. destination.Compose(delivery)];

    /// <summary>Items that wait.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        (await state.GetQueueDepthAsync(settings.Id, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>Adds items to the end of the queue, in the transaction of their batch.</summary>
    public async Task AddAsync(IStateTransaction transaction, IReadOnlyList<QueueItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        await transaction.EnqueueAsync(items).ConfigureAwait(false);
        _now = _now with { Bytes = _now.Bytes + items.Sum(item => (long)item.Payload.Length) };
        var over = _now.Bytes - destination.Limit.Bytes;
        if (over <= 0)
        {
            return;
        }

        switch (destination.Limit.Overflow)
        {
            case QueueOverflow.DropOldest:
                var dropped = await transaction.DropOldestAsync(settings.Id, over).ConfigureAwait(false);
                _now = _now with { Bytes = _now.Bytes - dropped.Bytes, Dropped = _now.Dropped + dropped.Items };
                break;
            case QueueOverflow.FallBehind:
                // This batch is still taken; from the next one on it waits for room.
                _now = _now with { Overflowed = true };
                break;
        }
    }

    /// <summary>The transaction is committed.</summary>
    public void Commit() => _committed = _now;

    /// <summary>The transaction was rolled back.</summary>
    public void RollBack() => _now = _committed;

    /// <summary>There is room again, and the destination catches up.</summary>
    public void Resume() => _now = _committed = _committed with { Overflowed = false };

    /// <summary>Adds what ends a good run, such as a sign of life: SIEM content alerts on silence.</summary>
    public async Task AddEndOfRunAsync(string runId, CancellationToken cancellationToken)
    {
        QueueItem[] items = [.. destination.ComposeEndOfRun(runId, clock.GetUtcNow())];
        if (items.Length > 0)
        {
            using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
            await AddAsync(transaction, items).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
            Commit();
        }
    }

    /// <summary>
    /// Sends what waits, oldest first, until nothing is due, the target fails, or it is enough. Never throws for the target.
    /// </summary>
    /// <param name="enough">Looked at between batches: a batch cut short would have to be repeated.</param>
    /// <param name="cancellationToken">Ends it at once; the batch in flight counts as not sent.</param>
    public async Task DrainAsync(Func<bool> enough, CancellationToken cancellationToken)
    {
        Failure = null;
        var (begun, total) = (Sent + Rejected, progress is null ? 0 : await CountAsync(cancellationToken).ConfigureAwait(false));
        while (!enough())
        {
            var items = await state.ReadQueueAsync(
                settings.Id, _sender.LargestBatch.Count, _sender.LargestBatch.Bytes, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            if (items.Count == 0)
            {
                return;
            }

            var result = await _sender.SendAsync(items, cancellationToken).ConfigureAwait(false);
            await SettleAsync(items, result, cancellationToken).ConfigureAwait(false);
            progress?.Report(new RunProgress { Activity = $"Items sent to {settings.Id}", Done = Sent + Rejected - begun, Total = total });
            if (result.Failure is Fault failure)
            {
                Failure = failure;
                log.Error("{Destination}: {Fault}", settings.Id.ToString(), failure.ToString());
                return;
            }

            if (result.Outcomes.Count < items.Count)
            {
                throw new InvalidOperationException($"The sender of {settings.Id} did not say what became of {items.Count - result.Outcomes.Count} item(s).");
            }
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    private static bool IsFull(IQueuedDestination destination, QueueDepth waiting) =>
        destination.Limit.Overflow == QueueOverflow.FallBehind && waiting.Bytes > destination.Limit.Bytes;

    /// <summary>Takes what has arrived and what never will out of the queue.</summary>
    private async Task SettleAsync(IReadOnlyList<QueueItem> items, SendResult result, CancellationToken cancellationToken)
    {
        if (result.Warning is string warning)
        {
            log.Warning("{Destination}: {Warning}", settings.Id.ToString(), warning);
            _warning = warning;
        }

        if (result.Outcomes.Count == 0)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var gone = new List<QueueItem>();
        var postponed = new List<(long Sequence, DateTimeOffset DueAt)>();
        var rejected = new List<(QueueItem Item, string Reason)>();
        foreach ((var item, var outcome) in items.Zip(result.Outcomes))
        {
            switch (outcome.Kind)
            {
                case SendOutcomeKind.Accepted:
                    gone.Add(item);
                    break;
                case SendOutcomeKind.Retry:
                    postponed.Add((item.Sequence, outcome.RetryAt));
                    break;
                case SendOutcomeKind.Rejected:
                    gone.Add(item);
                    rejected.Add((item, hiding.Text(outcome.Reason)));
                    break;
            }
        }

        using (var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach ((var item, var reason) in rejected)
            {
                var place = new QueuePlace(settings.Id, item.Sequence, item.Threat, item.Key);
                await transaction.SetAsideAsync(
                    new DeadLetter { Place = place, Destination = settings.Id, Format = settings.Format, Reason = reason, Payload = item.Payload.ToArray() }, now).ConfigureAwait(false);
                log.Warning("{Item} is set aside: {Reason}", place.ToString(), reason);
            }

            await transaction.DequeueAsync([.. gone.Select(item => item.Sequence)]).ConfigureAwait(false);
            await transaction.PostponeAsync(postponed).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
        }

        step?.Invoke("queue-removed");
        _now = _now with { Bytes = _now.Bytes - gone.Sum(item => (long)item.Payload.Length) };
        Commit();
        var sent = gone.Count - rejected.Count;
        Sent += sent;
        Rejected += rejected.Count;
        foreach (var kind in rejected.Select(one => HttpPush.IndicatorChoice.KindIn(one.Item.Key)).OfType<IndicatorKind>())
        {
            _rejectedKinds[kind] = _rejectedKinds.GetValueOrDefault(kind) + 1;
        }

        Postponed += postponed.Count;
        LastSentAt = sent > 0 ? now : LastSentAt;
        if (Settled is not null)
        {
            foreach ((var item, var outcome) in items.Zip(result.Outcomes))
            {
                Settled(item, outcome);
            }
        }
    }

    /// <param name="Bytes">Bytes that wait.</param>
    /// <param name="Dropped">Items that gave way.</param>
    /// <param name="Overflowed">Whether there is no room.</param>
    private readonly record struct Counters(long Bytes, long Dropped, bool Overflowed);
}
