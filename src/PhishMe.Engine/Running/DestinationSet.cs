using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Destinations.Queues;
using PhishMe.Engine.Files;
using PhishMe.Engine.Network;
using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>The destinations of a run: opened, given their offsets, and left to work by themselves when the sync is done.</summary>
internal sealed class DestinationSet(
    EngineSettings engine, RunRequest request, IntegrationSettings settings, IStateStore state, RunReport report, bool stateWasLost,
    IProgress<RunProgress>? progress = null) : IAsyncDisposable
{
    private readonly List<OpenDestination> _all = [];
    private readonly PatientFiles _files = new(engine.Clock, engine.Files);
    private readonly List<(OpenDestination Open, RebuiltDestination Settings, IRebuiltDestination Destination)> _rebuilt = [];
    private readonly (SyncCursor? Cursor, long Commit) _before = (state.Cursor, state.Commit);
    private readonly StoreCompleteness _completeness = new(state, settings.Api.Position);

    /// <summary>Those that take batches of threats.</summary>
    public IReadOnlyList<OpenDestination> Delivered { get; private set; } = [];

    public SecretHiding Hiding { get; } = new(report.Mask.Hide, report.Mask.Hide);

    /// <summary>Whether this run changed the store.</summary>
    public bool StoreChanged { get; set; }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await state.AdoptAsync([.. settings.Destinations.Select(destination => destination.Id)], cancellationToken).ConfigureAwait(false);
        var known = (await state.GetDestinationsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(destination => destination.Id);
        report.Destinations = _all;
        foreach (var destination in settings.Destinations)
        {
            var offset = known.GetValueOrDefault(destination.Id) ?? new DestinationState { Id = destination.Id, Commit = -1 };
            _all.Add(await OpenAsync(destination, offset, cancellationToken).ConfigureAwait(false));
        }

        Delivered = [.. _all.Where(destination => destination.Settings is not RebuiltDestination)];
        if (!request.DryRun)
        {
            await state.Host.NoteLengthsAsync([.. _all.SelectMany(destination => destination.UnknownLengths)], cancellationToken).ConfigureAwait(false);
            await InterruptedFiles.PutRightAsync(state, [.. Delivered.Where(destination => destination.Interrupted.Count > 0)], report.Log, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Decides who has to catch up, before anything is delivered, and records it.</summary>
    public async Task SetOffsetsAsync(SyncCursor start, CancellationToken cancellationToken)
    {
        var now = engine.Clock.GetUtcNow();
        using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
        foreach (var destination in Delivered)
        {
            var offset = DestinationOffsets.At(destination.Id, destination.State.Commit < 0 ? null : destination.State, _before, start, now);
            if (offset != destination.State)
            {
                await transaction.SetDestinationAsync(offset).ConfigureAwait(false);
                destination.State = offset;
            }
        }

        await transaction.CommitAsync().ConfigureAwait(false);
    }

    /// <summary>A long backfill sends what waits before it goes on. A target that is down is not asked again.</summary>
    public async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in Delivered.Select(destination => destination.Queue).OfType<QueueDrainer>().Where(queue => queue is { IsFilling: true, Failure: null, HasOverflowed: false }))
        {
            await queue.DrainAsync(() => !queue.IsFilling, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>All files as they were at the last commit.</summary>
    /// <returns>Whether they are.</returns>
    public async Task<bool> RollBackAsync()
    {
        var intact = true;
        foreach (var destination in _all)
        {
            intact &= await destination.RollBackAsync().ConfigureAwait(false);
        }

        return intact;
    }

    /// <summary>Each destination by itself: sends its queue, catches up, sends again; lists are rebuilt.</summary>
    /// <param name="catchUp">Null when there is no catching up in this run.</param>
    /// <param name="store">Null without the store.</param>
    /// <param name="isSynced">Whether the sync went well.</param>
    /// <param name="enough">Whether the time of the run is up.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The first failure of a destination; null when all went well.</returns>
    public async Task<Fault?> DeliverAsync(
        DestinationCatchUp? catchUp, StoreKeeper? store, bool isSynced, Func<bool> enough, CancellationToken cancellationToken)
    {
        // One at a time: a backfill each would only share the same requests.
        using var turn = new SemaphoreSlim(1, 1);
        await Task.WhenAll(Delivered.Select(destination => DeliverAsync(destination, catchUp, turn, isSynced, enough, cancellationToken))).ConfigureAwait(false);
        if (isSynced && store is not null && !request.DryRun)
        {
            await RebuildAsync(store, cancellationToken).ConfigureAwait(false);
        }

        foreach (var destination in _all)
        {
            await ReportAsync(destination, cancellationToken).ConfigureAwait(false);
        }

        return _all.Select(destination => destination.Queue?.Failure ?? destination.Failure).FirstOrDefault(failure => failure is not null);
    }

    /// <summary>Records how each fared.</summary>
    public async Task SaveAsync()
    {
        if (request.DryRun)
        {
            return;
        }

        var now = engine.Clock.GetUtcNow();
        await SavePaceAsync(now).ConfigureAwait(false);
        using var transaction = await state.BeginAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var destination in _all.Where(destination => destination.State.Commit >= 0))
        {
            var summary = destination.Summary;
            var delivered = destination.Queue is QueueDrainer queue
                ? queue.LastSentAt
                : summary.Delivered + summary.Withdrawn + summary.FilesWritten > 0 ? now : null;
            var failure = destination.Queue?.Failure ?? destination.Failure;
            await transaction.SetDestinationAsync(destination.State with
            {
                LastDeliveryAt = delivered ?? destination.State.LastDeliveryAt,
                LastError = failure is Fault fault ? report.Mask.Hide(fault.Message) : delivered is null ? destination.State.LastError : null,
                LastErrorAt = failure is not null ? now : delivered is null ? destination.State.LastErrorAt : null,
            }).ConfigureAwait(false);
        }

        await transaction.CommitAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var destination in _all)
        {
            await destination.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task SavePaceAsync(DateTimeOffset now)
    {
        foreach (var paced in _all.Select(destination => destination.Queue?.Paced).OfType<IPacedHost>())
        {
            await RememberedPace.SaveAsync(state, paced, now).ConfigureAwait(false);
        }
    }

    private async Task<OpenDestination> OpenAsync(Destination destination, DestinationState offset, CancellationToken cancellationToken)
    {
        if (destination is TransactionalDestination { IsShared: true } files)
        {
            state.Host.Share(files.Id, [.. files.Files, .. files.Output?.AppendFile is string path ? [path] : Array.Empty<string>()]);
        }

        var host = new DestinationHost
        {
            Id = destination.Id,
            Files = _files,
            Warn = report.Warn,
            Clock = engine.Clock,
            Log = report.Log,
            Version = engine.Version,
            Proxy = settings.Proxy,
            DryRun = request.DryRun,
            Repair = (destination.IsShared ? state.DidLastRunDie : state.Unfinished is not null) || stateWasLost,
            StateWasLost = stateWasLost,
            CommittedLength = state.Host.CommittedLength,
            Ledger = state.LedgerOf(destination.Id),
            ConfirmLease = state.ConfirmLeaseAsync,
            JournalPath = settings.State.Shared is null || destination.IsShared ? null : $"{settings.State.File}.{destination.Id.NameOnHost}.journal",
            TemporaryFolder = Path.GetDirectoryName(settings.State.File) ?? Path.GetTempPath(),
            Step = engine.Step,
        };
        switch (destination)
        {
            case TransactionalDestination transactional:
                return new OpenDestination(destination, transactional.Open(host), queue: null, offset);
            case QueuedDestination when request.DryRun:
                return new OpenDestination(destination, files: null, queue: null, offset);
            case QueuedDestination queued:
                var waiting = await state.GetQueueDepthAsync(destination.Id, cancellationToken).ConfigureAwait(false);
                var drainer = new QueueDrainer(queued, queued.Open(host), state, waiting, engine.Clock, report.Log, Hiding, engine.Step, progress);
                if (drainer.Paced is IPacedHost paced)
                {
                    await RememberedPace.UseAsync(state, paced, engine.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                }

                return new OpenDestination(destination, files: null, drainer, offset);
            case RebuiltDestination rebuilt:
                var open = new OpenDestination(destination, files: null, queue: null, offset);
                _rebuilt.Add((open, rebuilt, rebuilt.Open(host)));
                return open;
            default:
                throw new InvalidOperationException($"{destination.Id} is of an unknown kind.");
        }
    }

    private async Task DeliverAsync(
        OpenDestination destination, DestinationCatchUp? catchUp, SemaphoreSlim turn, bool isSynced, Func<bool> enough, CancellationToken cancellationToken)
    {
        if (destination.Queue is QueueDrainer queue)
        {
            if (isSynced && !request.DryRun)
            {
                await RetireAsync(destination, turn, cancellationToken).ConfigureAwait(false);
                await queue.AddEndOfRunAsync(report.RunId, cancellationToken).ConfigureAwait(false);
            }

            await queue.DrainAsync(enough, cancellationToken).ConfigureAwait(false);
        }

        if (destination.HasFallenBehind)
        {
            // Beside what it is catching up with it missed batches of the sync: whoever follows the changes meets them there, anyone else begins again. What it
            // has is recognised.
            destination.State = destination.State with
            {
                CatchUp = destination.State.CatchUp is CatchUp behind
                    ? behind with { StorePlace = null, Cursor = behind.Cursor is { Phase: SyncPhase.Following } ? behind.Cursor : null }
                    : DestinationOffsets.Missed(destination.State.Position, state.Cursor!, CatchUpReason.FellBehind, engine.Clock.GetUtcNow()),
            };
        }

        if (catchUp is null || destination.State.CatchUp is null || enough())
        {
            return;
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await catchUp.RunAsync(destination, enough, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PhishMeException or ApiException)
        {
            // It alone has a problem; the next run goes on where it stands.
            destination.Failure = report.Mask.Hide(exception is ApiException api ? api.ToFault().Fault : ((PhishMeException)exception).Fault);
            report.Log.Error("{Destination} could not catch up: {Fault}", destination.Id.ToString(), destination.Failure.ToString());
        }
        finally
        {
            await destination.RollBackAsync().ConfigureAwait(false);
            turn.Release();
        }

        if (destination.Queue is { Failure: null } sending)
        {
            await sending.DrainAsync(enough, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What has been at a destination for longer than it is kept there.</summary>
    private async Task RetireAsync(OpenDestination destination, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        if (report.Committer is not BatchCommitter committer || destination.Settings is not QueuedDestination { Retention: TimeSpan retention }
            || destination.State.CatchUp is not null)
        {
            return;
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await committer.RetireAsync(destination, retention, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                report.Log.Information(
                    "{Destination}: {Count} threat(s) were last published more than {Days} days ago and are taken back", destination.Id.ToString(), count, (int)retention.TotalDays);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Rebuilds what has to be: feeds of files in one read of the store, anything else by itself.</summary>
    private async Task RebuildAsync(StoreKeeper store, CancellationToken cancellationToken)
    {
        var due = new List<(OpenDestination Open, IRebuiltDestination Destination, DestinationState Reached)>();
        foreach ((var open, var settings, var destination) in _rebuilt)
        {
            var reached = open.State with { Commit = state.Commit, Position = state.Cursor?.Position, Fingerprint = settings.Fingerprint, CatchUp = null };
            if (StoreChanged || open.State.Commit < _before.Commit || open.State.CatchUp is not null || open.State.Fingerprint != settings.Fingerprint
                || !destination.IsInPlace)
            {
                due.Add((open, destination is FeedDestination feed && _completeness.IsInPartFor(open.State) ? feed.OfStoreInPart() : destination, reached));
            }
            else
            {
                open.State = reached;
            }
        }

        var feeds = due.Where(item => item.Destination is FeedDestination).ToArray();
        if (feeds.Length > 0)
        {
            try
            {
                var results = await FeedRebuild.RunAsync([.. feeds.Select(item => (FeedDestination)item.Destination)], store.Archive, cancellationToken).ConfigureAwait(false);
                foreach ((var item, var result) in feeds.Zip(results))
                {
                    Settle(item.Open, item.Reached, FeedDestination.ResultOf(result), result.Failure);
                }
            }
            catch (PhishMeException exception)
            {
                Array.ForEach(feeds, item => Settle(item.Open, item.Reached, new RebuildResult(0, 0), exception.Fault));
            }
        }

        foreach ((var open, var destination, var reached) in due.Where(item => item.Destination is not FeedDestination))
        {
            try
            {
                Settle(open, reached, await destination.RebuildAsync(store.Archive, cancellationToken).ConfigureAwait(false), failure: null);
            }
            catch (PhishMeException exception)
            {
                Settle(open, reached, new RebuildResult(0, 0), exception.Fault);
            }
        }
    }

    private void Settle(OpenDestination open, DestinationState reached, RebuildResult result, Fault? failure)
    {
        open.Count(result);
        if (failure is not null)
        {
            open.Failure = report.Mask.Hide(failure);
            report.Log.Error("{Destination} could not be rebuilt: {Fault}", open.Id.ToString(), open.Failure.ToString());
            return;
        }

        open.State = result.IsKept ? reached with { Fingerprint = _completeness.KeptMark } : reached;
        foreach (var warning in result.Warnings)
        {
            report.Note($"{open.Id}: {warning}");
        }
    }

    /// <summary>What of a queue concerns the people who read the summary.</summary>
    private async Task ReportAsync(OpenDestination destination, CancellationToken cancellationToken)
    {
        if (destination.Queue is not QueueDrainer queue)
        {
            return;
        }

        var isOutbox = destination.Settings.Output is not null;
        if (queue.Dropped > 0)
        {
            report.Warn(isOutbox
                ? FormattableString.Invariant($"The outbox was full, so the oldest {queue.Dropped} event(s) were dropped. Repair the collector or raise outbox_max_mb.")
                : FormattableString.Invariant($"The queue of {destination.Id} was full, so the oldest {queue.Dropped} item(s) were dropped. Repair the target."));
        }

        var kinds = destination.Summary.Kinds;
        if (kinds.Count > 0 && kinds.All(kind => kind.Delivered == 0) && await state.LedgerOf(destination.Id).CountAsync(cancellationToken).ConfigureAwait(false) == 0)
        {
            var without = string.Join(", ", kinds.Where(kind => kind.NotCarried > 0).Select(kind => FormattableString.Invariant($"{kind.Kind} {kind.NotCarried}")));
            report.Note(FormattableString.Invariant(
                $"{destination.Id}: {kinds.Sum(kind => kind.Offered)} indicator(s) were offered and none was delivered, so the target holds nothing of this.")
                + (without.Length > 0 ? $" It has no place for these kinds: {without}." : string.Empty)
                + (kinds.Sum(kind => kind.LeftOut) is > 0 and var left ? FormattableString.Invariant($" Left out by [{destination.Settings.Section}] or because they are not safe to block: {left}.") : string.Empty));
        }

        if (queue.Warning is string warning)
        {
            report.Note($"{destination.Id}: {report.Mask.Hide(warning)}");
        }

        destination.Waiting = await queue.CountAsync(cancellationToken).ConfigureAwait(false);
        if (destination.Waiting == 0)
        {
            return;
        }

        var (what, target) = isOutbox ? ("event(s)", "the collector") : ("item(s)", destination.Id.ToString());
        if (queue.Failure is not null)
        {
            report.Warn(FormattableString.Invariant($"{destination.Waiting} {what} wait for {target}; the next run sends them."));
        }
        else if (queue.Postponed > 0)
        {
            report.Note(FormattableString.Invariant($"{destination.Waiting} {what} wait for {target}, which asked to send some of them later; the next run does."));
        }
        else
        {
            report.Warn(FormattableString.Invariant(
                $"{destination.Waiting} {what} wait for {target}: this run reached its time limit, and the next run continues. If this recurs, raise max_eps or run_timeout_minutes."));
        }
    }
}
