using System.Globalization;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// The order of commitment: every destination has the batch on the disk, then one transaction records it, and only then does config.ini show the new
/// position. A kill between any two of these steps is repaired by the next run.
/// </summary>
internal sealed class BatchCommitter(
    IStateStore state,
    StoreKeeper? store,
    IReadOnlyList<OpenDestination> destinations,
    DeliverySelector selector,
    string mirrored,
    Func<string, bool> mirrorPosition,
    TimeProvider clock,
    SecretHiding hiding,
    ILogger log,
    Action<string>? step)
{
    /// <summary>The position config.ini shows.</summary>
    public string Mirrored { get; set; } = mirrored;

    public int Received { get; private set; }

    public int Expired { get; private set; }

    public int Withdrawn { get; private set; }

    public int SetAside { get; private set; }

    public int Healed { get; private set; }

    /// <summary>Makes up for the files that other programs held in earlier runs.</summary>
    public async Task RetryHeldAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var destination in destinations)
        {
            var (done, held) = destination.RetryHeld();
            if (done.Count + held.Count == 0)
            {
                continue;
            }

            using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
            foreach (var place in done)
            {
                Healed += await transaction.HealAsync(place, destination.Settings.Format).ConfigureAwait(false) ? 1 : 0;
            }

            foreach (var letter in held)
            {
                SetAside++;
                await transaction.SetAsideAsync(letter, now).ConfigureAwait(false);
            }

            await transaction.CommitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Delivers one batch of the sync to every destination that is not behind, and commits it.</summary>
    /// <exception cref="PhishMeException">A destination or the state could not be written; the batch is not committed.</exception>
    public async Task CommitAsync(Batch batch, CancellationToken cancellationToken)
    {
        OpenDestination[] following = [.. destinations.Where(destination => !destination.HasFallenBehind)];
        var changes = store is null ? BatchChanges.None : await BatchChanges.OfAsync(batch, store.Archive, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        await CommitAsync(
            batch,
            following,
            changes,
            async (transaction, now) =>
            {
                if (store is not null)
                {
                    await store.RecordAsync(transaction, batch, now).ConfigureAwait(false);
                }

                await transaction.SetCursorAsync(batch.After, Mirrored, [.. following.Select(destination => destination.Id)]).ConfigureAwait(false);
            },
            isOfSync: true,
            cancellationToken).ConfigureAwait(false);
        foreach (var destination in following)
        {
            destination.State = destination.State with { Commit = state.Commit, Position = batch.After.Position };
        }

        var expired = batch.Threats.Count(unit => unit.Expired);
        Received += batch.Threats.Count;
        Expired += expired;
        Withdrawn += batch.Withdrawn.Count;
        var position = batch.After.Position ?? string.Empty;
        if (position != Mirrored && mirrorPosition(position))
        {
            Mirrored = position;
        }
    }

    /// <summary>Delivers one batch to a destination that catches up, and commits that together with how far it is.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="after">How far it is when the batch is committed; null when it has caught up.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task CommitCatchUpAsync(OpenDestination destination, Batch batch, CatchUp? after, CancellationToken cancellationToken)
    {
        var changes = store is null || batch.Withdrawn.Count == 0
            ? BatchChanges.None
            : await BatchChanges.OfAsync(new Batch { Withdrawn = batch.Withdrawn, After = batch.After }, store.Archive, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        var reached = destination.State with { CatchUp = after, Commit = state.Commit, Position = state.Cursor?.Position };
        await CommitAsync(
            batch, [destination], changes, (transaction, _) => transaction.SetDestinationAsync(reached), isOfSync: true, cancellationToken).ConfigureAwait(false);
        destination.State = reached;
    }

    /// <summary>Takes back from one destination what threats brought that were published last longer ago than it keeps them.</summary>
    /// <param name="destination">The destination; it has a queue.</param>
    /// <param name="retention">How long it keeps them.</param>
    /// <param name="cancellationToken">Stops it between two transactions.</param>
    /// <returns>Threats taken back.</returns>
    public async Task<int> RetireAsync(OpenDestination destination, TimeSpan retention, CancellationToken cancellationToken)
    {
        const int RetiredAtOnce = 200;
        var retired = 0;
        while (store is not null && state.Cursor is SyncCursor cursor && !destination.HasFallenBehind)
        {
            var now = clock.GetUtcNow();
            var over = await state.GetOverdueAsync(destination.Id, (now - retention).ToUnixTimeMilliseconds(), RetiredAtOnce, cancellationToken).ConfigureAwait(false);
            if (over.Count == 0)
            {
                break;
            }

            var batch = new Batch { Withdrawn = over, After = cursor };
            var changes = await BatchChanges.OfAsync(batch, store.Archive, now, cancellationToken).ConfigureAwait(false);
            await CommitAsideAsync(destination, batch, changes, cancellationToken).ConfigureAwait(false);
            retired += over.Count;
        }

        return retired;
    }

    /// <summary>Delivers threats to one destination outside of the sync: no cursor and no offset moves, and what the state knows of the threats stays.</summary>
    /// <param name="destination">The destination; its offset is recorded as it is.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="changes">What left the threats since the versions in the store.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task CommitAsideAsync(OpenDestination destination, Batch batch, BatchChanges changes, CancellationToken cancellationToken) =>
        CommitAsync(batch, [destination], changes, (transaction, _) => transaction.SetDestinationAsync(destination.State), isOfSync: false, cancellationToken);

    private async Task CommitAsync(
        Batch batch,
        IReadOnlyList<OpenDestination> takers,
        BatchChanges changes,
        Func<IStateTransaction, DateTimeOffset, Task> record,
        bool isOfSync,
        CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var now = clock.GetUtcNow();
        var before = takers.Select(taker => taker.Summary.Delivered + taker.Summary.Withdrawn).ToArray();
        foreach (var taker in takers)
        {
            await taker.PrepareAsync(batch, selector, changes, now, leavesOutOver: isOfSync, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await CommitPreparedAsync(batch, takers, record, isOfSync, now, cancellationToken).ConfigureAwait(false);
        }
        catch (PhishMeException exception) when (exception.Fault.Kind == Faults.StateLeaseLost || exception.Fault.Kind == Faults.StateServerUnreachable)
        {
            // Another host may be writing files that all hosts see: what this run added stays, and the next run cuts it off.
            foreach (var taker in takers.Where(taker => taker.Settings.IsShared))
            {
                taker.LeaveUnknown();
            }

            throw;
        }

        step?.Invoke("state-after-commit");
        foreach (var taker in takers)
        {
            taker.Commit();
        }

        SetAside += batch.SetAside.Count;
        Report(batch, takers, before, clock.GetElapsedTime(began));
    }

    private async Task CommitPreparedAsync(
        Batch batch,
        IReadOnlyList<OpenDestination> takers,
        Func<IStateTransaction, DateTimeOffset, Task> record,
        bool isOfSync,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        using (var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            // Recorded while it is being written, committed when it is on the disk.
            var written = Task.WhenAll(takers.Select(taker => taker.PublishAsync(batch, cancellationToken)));
            try
            {
                if (isOfSync)
                {
                    await RecordAsync(batch, transaction, now).ConfigureAwait(false);
                }

                foreach (var taker in takers)
                {
                    await taker.RecordAsync(transaction, batch.After.Generation).ConfigureAwait(false);
                }

                await record(transaction, now).ConfigureAwait(false);
                step?.Invoke("state-recorded");
            }
            finally
            {
                await written.ConfigureAwait(false);
            }

            foreach (var letter in takers.SelectMany(taker => taker.TakeHeld()))
            {
                SetAside++;
                await transaction.SetAsideAsync(letter, now).ConfigureAwait(false);
            }

            step?.Invoke("state-before-commit");
            await CommitAsync(transaction, takers).ConfigureAwait(false);
        }
    }

    /// <summary>A batch of which no one knows whether it was committed stays on the disk as it is: the next run learns it, and cuts off what was not.</summary>
    private static async Task CommitAsync(IStateTransaction transaction, IReadOnlyList<OpenDestination> takers)
    {
        try
        {
            await transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (PhishMeException exception) when (exception.Fault.Kind == Faults.StateCommitUnknown)
        {
            foreach (var taker in takers)
            {
                taker.LeaveUnknown();
            }

            throw;
        }
    }

    private async Task RecordAsync(Batch batch, IStateTransaction transaction, DateTimeOffset now)
    {
        await transaction.RecordThreatsAsync(
            [.. batch.Threats.Select(unit => new SeenThreat(unit.Id, unit.FirstPublished, unit.LastPublished))], now).ConfigureAwait(false);
        await transaction.RecordWithdrawalsAsync(batch.Withdrawn, now).ConfigureAwait(false);
        if (await transaction.HasDeadLettersAsync().ConfigureAwait(false))
        {
            await HealAsync(batch, transaction).ConfigureAwait(false);
        }

        foreach (var letter in batch.Healed)
        {
            Healed += await transaction.HealAsync(letter.Place, letter.Format).ConfigureAwait(false) ? 1 : 0;
            log.Information("{Subject} in {Format} is healed", letter.Subject, letter.Format);
        }

        foreach (var letter in batch.SetAside)
        {
            await transaction.SetAsideAsync(letter with { Reason = hiding.Text(letter.Reason), Payload = hiding.Bytes(letter.Payload) }, now).ConfigureAwait(false);
            log.Warning("{Subject} in {Format} is set aside: {Reason}", letter.Subject, letter.Format, letter.Reason);
        }
    }

    /// <summary>What arrived after all is not a dead letter any more; nor is what was withdrawn.</summary>
    private async Task HealAsync(Batch batch, IStateTransaction transaction)
    {
        var formats = Enum.GetValues<OutputFormat>();
        foreach (var unit in batch.Threats)
        {
            foreach (var format in formats.Where(format => unit.In(format) is not null))
            {
                if (await transaction.HealAsync(new ThreatPlace(unit.Id), format).ConfigureAwait(false))
                {
                    Healed++;
                    log.Information("{Threat} in {Format} is healed", unit.Id, format);
                }
            }
        }

        foreach (var id in batch.Withdrawn)
        {
            foreach (var format in formats)
            {
                await transaction.HealAsync(new ThreatPlace(id), format).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One line for a batch, however large the backfill is; ids only for those who look for them.</summary>
    private void Report(Batch batch, IReadOnlyList<OpenDestination> takers, int[] before, TimeSpan took)
    {
        if (batch.Threats.Count + batch.Withdrawn.Count == 0)
        {
            return;
        }

        log.Information(
            "{Threats} threat(s), {Withdrawn} withdrawn, {Expired} expired; delivered: {Delivered}; {Seconds} s",
            batch.Threats.Count,
            batch.Withdrawn.Count,
            batch.Threats.Count(unit => unit.Expired),
            string.Join(", ", takers.Select((taker, index) => string.Create(
                CultureInfo.InvariantCulture, $"{taker.Id} {taker.Summary.Delivered + taker.Summary.Withdrawn - before[index]}"))),
            took.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));
        foreach (var unit in batch.Threats)
        {
            log.Debug(unit.Expired ? "{Threat} is an update of an expired threat; recorded only" : "{Threat}", unit.Id);
        }

        foreach (var id in batch.Withdrawn)
        {
            log.Debug("{Threat} was withdrawn", id);
        }
    }
}
