using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running.CatchingUp;

/// <summary>
/// Gives a destination what it missed: from the store when that holds everything, else by a backfill or by changes of its own. No other destination is
/// given anything, or waits. How far it is stands in the state after each batch, so that the next run goes on there.
/// </summary>
internal sealed class DestinationCatchUp(
    ThreatHqClient client,
    IStateStore state,
    StoreKeeper? store,
    BatchCommitter committer,
    Func<Destination, SyncPlan> planOf,
    Func<Task<DateTimeOffset>> serverTime,
    TimeProvider clock,
    ILogger log,
    IProgress<RunProgress>? progress,
    Action<string>? step)
{
    private const int WithdrawnAtOnce = 200;

    /// <summary>Catches up until it is done, or until it is enough.</summary>
    /// <param name="destination">One that has to catch up.</param>
    /// <param name="enough">Looked at between batches.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(OpenDestination destination, Func<bool> enough, CancellationToken cancellationToken)
    {
        var catchUp = destination.State.CatchUp!;
        log.Information("{Destination} catches up: {State}", destination.Id.ToString(), CatchUpText.Of(catchUp));
        // A queue that is still full from the last run takes nothing more, so that a target that is down for days costs no more than its limit.
        var done = await MayGoOnAsync(destination, enough, cancellationToken).ConfigureAwait(false)
            && await TakeBackAsync(destination, enough, cancellationToken).ConfigureAwait(false)
            && (await UsesStoreAsync(destination, cancellationToken).ConfigureAwait(false)
                ? await FromStoreAsync(destination, enough, cancellationToken).ConfigureAwait(false)
                : await FromApiAsync(destination, enough, cancellationToken).ConfigureAwait(false));
        if (done)
        {
            await committer.CommitCatchUpAsync(destination, new Batch { After = state.Cursor! }, after: null, cancellationToken).ConfigureAwait(false);
            destination.Resume();
            destination.Queue?.Resume();
            log.Information("{Destination} has caught up", destination.Id.ToString());
        }
        else
        {
            log.Information("{Destination} goes on in the next run: {State}", destination.Id.ToString(), CatchUpText.Of(destination.State.CatchUp!));
        }
    }

    /// <summary>Threats that were withdrawn while it was not there.</summary>
    private async Task<bool> TakeBackAsync(OpenDestination destination, Func<bool> enough, CancellationToken cancellationToken)
    {
        while (await state.GetWithdrawnAsync(destination.Id, WithdrawnAtOnce, cancellationToken).ConfigureAwait(false) is { Count: > 0 } withdrawn)
        {
            if (!await MayGoOnAsync(destination, enough, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            await committer.CommitCatchUpAsync(
                destination, new Batch { Withdrawn = withdrawn, After = state.Cursor! }, destination.State.CatchUp, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>The store serves when it has everything, and everything the destination wants can be made of JSON.</summary>
    private async Task<bool> UsesStoreAsync(OpenDestination destination, CancellationToken cancellationToken) =>
        destination.State.CatchUp!.StorePlace is not null
            ? store is not null
            : store is not null && destination.Settings.IsMadeFromJson && destination.State.CatchUp.Cursor is null or { Phase: SyncPhase.Following }
                && await store.Archive.IsCompleteAsync(cancellationToken).ConfigureAwait(false);

    private async Task<bool> FromStoreAsync(OpenDestination destination, Func<bool> enough, CancellationToken cancellationToken)
    {
        var plan = planOf(destination.Settings);
        var catchUp = destination.State.CatchUp!;
        var replay = new StoreReplay(store!.Archive, plan);
        var isExpired = catchUp.Cursor is null ? static _ => false : IsExpired(plan);
        await foreach ((var batch, var next) in replay.ReadAsync(catchUp.StorePlace ?? 0, state.Cursor!, isExpired, cancellationToken).ConfigureAwait(false))
        {
            using (batch)
            {
                await committer.CommitCatchUpAsync(destination, batch, catchUp with { StorePlace = next }, cancellationToken).ConfigureAwait(false);
                step?.Invoke("catch-up-committed");
            }

            if (!await MayGoOnAsync(destination, enough, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> FromApiAsync(OpenDestination destination, Func<bool> enough, CancellationToken cancellationToken)
    {
        var plan = planOf(destination.Settings);
        var fetcher = new RenditionFetcher(client, plan, log);
        var catchUp = destination.State.CatchUp!;
        if (catchUp.Cursor is { Phase: SyncPhase.Following } following)
        {
            try
            {
                return await FollowAsync(
                    destination, new Changes(client, fetcher, plan, clock, log, progress), following, enough, cancellationToken).ConfigureAwait(false);
            }
            catch (PhishMeException exception) when (exception.Fault.Kind == Faults.PositionRefused)
            {
                log.Warning("{Destination} was off for too long to follow the changes; it catches up by a backfill", destination.Id.ToString());
                catchUp = catchUp with { Cursor = null };
            }
        }

        var cursor = catchUp.Cursor;
        if (cursor is null || cursor.Plan != plan.Fingerprint || cursor.Generation != state.Cursor!.Generation)
        {
            cursor = Backfill.Start(plan, await serverTime().ConfigureAwait(false), state.Cursor!.Generation);
        }

        var backfill = new Backfill(client, fetcher, plan, log, progress);
        return await CommitAllAsync(
            destination,
            backfill.ReadAsync(cursor, cancellationToken).BeginAheadAsync([destination], cancellationToken),
            enough,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes up to where the sync is. The sync may leave the rest of a changelog to its next run; a catch-up may not, because that run begins at the
    /// position of the sync.
    /// </summary>
    private async Task<bool> FollowAsync(
        OpenDestination destination, Changes changes, SyncCursor from, Func<bool> enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!await CommitAllAsync(destination, changes.ReadAsync(from, cancellationToken), enough, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            var reached = destination.State.CatchUp!.Cursor!;
            if (reached.Position == from.Position || reached.Position == state.Cursor!.Position)
            {
                return true;
            }

            from = reached;
        }
    }

    private async Task<bool> CommitAllAsync(OpenDestination destination, IAsyncEnumerable<Batch> batches, Func<bool> enough, CancellationToken cancellationToken)
    {
        var catchUp = destination.State.CatchUp!;
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            using (batch)
            {
                await committer.CommitCatchUpAsync(destination, batch, catchUp with { Cursor = batch.After }, cancellationToken).ConfigureAwait(false);
                step?.Invoke("catch-up-committed");
            }

            if (!await MayGoOnAsync(destination, enough, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Between two batches: is there time, and room in its queue?</summary>
    private static async Task<bool> MayGoOnAsync(OpenDestination destination, Func<bool> enough, CancellationToken cancellationToken)
    {
        if (destination.Queue is { IsFilling: true } queue)
        {
            await queue.DrainAsync(() => enough() || !queue.IsFilling, cancellationToken).ConfigureAwait(false);
            if (queue.IsFilling)
            {
                return false;
            }
        }

        return !enough();
    }

    private Func<long?, bool> IsExpired(SyncPlan plan) => firstPublished =>
        plan.ExpiredThreatDays is int days
        && firstPublished is long first
        && first < (clock.GetUtcNow() + (client.ClockSkew ?? TimeSpan.Zero)).AddDays(-days).ToUnixTimeMilliseconds();
}
