using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running;

/// <summary>
/// The work of a run with its state open: the sync, the store, then what each destination does by itself (sending its queue, catching up, being rebuilt),
/// and the end that the state records.
/// </summary>
internal sealed class RunSession(
    EngineSettings engine,
    RunRequest request,
    IntegrationSettings settings,
    IStateStore state,
    ThreatHqClient client,
    RunReport report,
    IProgress<RunProgress>? progress,
    bool stateWasLost) : IAsyncDisposable
{
    private readonly DestinationSet _destinations = new(engine, request, settings, state, report, stateWasLost, progress);
    private readonly StoreKeeper? _store =
        settings.State.KeepThreats && !request.DryRun ? new StoreKeeper(state, settings.State.RetentionDays) : null;

    private readonly SyncPlans _plans = new(settings, engine, request.DryRun);
    private readonly DeliverySelector _chooser = new(state, settings.State.DeduplicationHours);
    private bool _repaired;
    private bool _clockWasCompared;

    /// <summary>When the time that run_timeout_minutes limits began: with the run, or with the end of a backfill.</summary>
    private long _timeRunsFrom = engine.Clock.GetTimestamp();

    private ILogger Log => report.Log;

    private BatchCommitter Committer => report.Committer!;

    /// <exception cref="StateDamagedException">Once: the state has to be rebuilt.</exception>
    public async Task<RunSummary> RunAsync(CancellationToken cancellationToken)
    {
        var summary = await SyncAndSettleAsync(cancellationToken).ConfigureAwait(false);
        summary = await DeliverAsync(summary, cancellationToken).ConfigureAwait(false);
        await PlaceServedAsync(cancellationToken).ConfigureAwait(false);
        return await CloseAsync(summary).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _destinations.DisposeAsync();

    /// <summary>The sync, and all files as they are committed, whatever became of it.</summary>
    /// <exception cref="StateDamagedException">Once: the state has to be rebuilt.</exception>
    private async Task<RunSummary> SyncAndSettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await state.BeginRunAsync(report.RunId, report.StartedAt, cancellationToken).ConfigureAwait(false);
            engine.Step?.Invoke("run-begun");
            await RememberedPace.UseAsync(state, client, engine.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            await _destinations.OpenAsync(cancellationToken).ConfigureAwait(false);
            _repaired = true;
            report.Committer = new BatchCommitter(
                state, _store, _destinations.Delivered, _chooser, settings.Api.Position ?? string.Empty, MirrorPosition, engine.Clock, _destinations.Hiding, Log, engine.Step);
            await Committer.RetryHeldAsync(cancellationToken).ConfigureAwait(false);
            await SyncAsync(cancellationToken).ConfigureAwait(false);
            if (_store is not null && await _store.SettleAsync(engine.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false) is > 0 and var purged)
            {
                _destinations.StoreChanged = true;
                Log.Information("{Count} threat(s) older than {Days} days were removed from the store", purged, settings.State.RetentionDays);
            }

            return report.Summarize(ExitCode.Done, fault: null);
        }
        catch (StateDamagedException) when (!stateWasLost && !request.DryRun)
        {
            throw;
        }
        catch (Exception exception)
        {
            return report.Failed(exception, cancellationToken);
        }
        finally
        {
            _repaired &= await _destinations.RollBackAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What each destination does by itself, last, so that it does not hold up the sync. Queues are sent after a failed sync, too: what waits has
    /// nothing to do with the failure.
    /// </summary>
    private async Task<RunSummary> DeliverAsync(RunSummary synced, CancellationToken cancellationToken)
    {
        try
        {
            Fault? failure = null;
            if (!cancellationToken.IsCancellationRequested)
            {
                var limit = TimeSpan.FromMinutes(settings.Api.RunTimeoutMinutes);
                var catchUp = synced.Fault is not null || request.DryRun || report.Committer is null
                    ? null
                    : new DestinationCatchUp(
                        client, state, _store, Committer, _plans.Of, () => ServerTimeAsync(cancellationToken), engine.Clock, Log, progress, engine.Step);
                failure = await _destinations.DeliverAsync(
                    catchUp, _store, isSynced: synced.Fault is null, () => engine.Clock.GetElapsedTime(_timeRunsFrom) >= limit, cancellationToken).ConfigureAwait(false);
            }

            report.DeadLettersOpen = (await state.GetDeadLettersAsync(CancellationToken.None).ConfigureAwait(false)).Count;
            var fault = synced.Fault ?? failure;
            return report.Summarize(fault?.Kind.ExitCode ?? (report.SetAside > 0 ? ExitCode.DoneWithDeadLetters : ExitCode.Done), fault);
        }
        catch (Exception exception) when (synced.Fault is null)
        {
            return report.Failed(exception, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.Error("What waits could not be sent: {Message}", exception.Message);
            return synced;
        }
    }

    /// <summary>What TAXII serves, last, because catching up stores threats, too. What does not come about is done by the next run.</summary>
    private async Task PlaceServedAsync(CancellationToken cancellationToken)
    {
        if (settings.Servers.Taxii is not TaxiiServerSettings taxii || _store is null)
        {
            return;
        }

        try
        {
            await new TaxiiSettlement(state.Served, TaxiiOptions.Of(taxii), engine.Clock, Log, engine.Step).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As the summary says.
        }
        catch (Exception exception) when (exception is PhishMeException or StateDamagedException)
        {
            report.Note($"TAXII serves what this run changed after the next one: {exception.Message}");
        }
    }

    private async Task<RunSummary> CloseAsync(RunSummary summary)
    {
        var json = RunSummaryJson.Write(summary);
        try
        {
            await _destinations.SaveAsync().ConfigureAwait(false);
            await RememberedPace.SaveAsync(state, client, engine.Clock.GetUtcNow()).ConfigureAwait(false);
            await state.EndRunAsync(
                engine.Clock.GetUtcNow(), _repaired, summary.ExitCode, json, report.Committer?.Mirrored ?? state.Host.Mirrored).ConfigureAwait(false);
            engine.Step?.Invoke("run-ended");
            Log.ForContext(SystemLogSink.Marker, true).Information("Run ends with {ExitCode}: {Summary}", (int)summary.ExitCode, json);
            return summary;
        }
        catch (Exception exception) when (summary.Fault is null)
        {
            return report.Failed(exception, CancellationToken.None);
        }
        catch (Exception exception)
        {
            Log.Error("The end of the run could not be recorded: {Message}", exception.Message);
            return summary;
        }
    }

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        var plan = _plans.Whole;
        report.UnknownTypes = plan.UnknownTypes;
        // A first backfill replaces nothing in the store, so no one compares; its models would only take room.
        RenditionFetcher FetcherOf(bool compares) => new(client, plan with { KeepModel = plan.KeepModel || (plan.KeepThreats && compares) }, Log);
        var fetcher = FetcherOf(compares: true);
        var cursor = await StartingPoint.FindAsync(
            state, settings.Api.Position, plan, () => ServerTimeAsync(cancellationToken), Log).ConfigureAwait(false);
        await _destinations.SetOffsetsAsync(cursor, cancellationToken).ConfigureAwait(false);
        if (cursor.Position is string known && known != settings.Api.Position)
        {
            // The last run committed it but could not write the file; or another host did.
            await state.Host.NoteShownAsync(settings.Api.Position ?? string.Empty, known, cancellationToken).ConfigureAwait(false);
            if (MirrorPosition(known))
            {
                Committer.Mirrored = known;
            }
        }

        if (cursor.Phase != SyncPhase.Following)
        {
            report.Backfilled = true;
            var backfill = new Backfill(client, FetcherOf(compares: cursor.Generation > 1), plan, Log, progress);
            cursor = await CommitAllAsync(
                backfill.ReadAsync(cursor, cancellationToken).BeginAheadAsync(_destinations.Delivered, cancellationToken), cursor, cancellationToken).ConfigureAwait(false);
            _timeRunsFrom = engine.Clock.GetTimestamp();
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(settings.Api.RunTimeoutMinutes), engine.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, report.Backfilled ? CancellationToken.None : deadline.Token);
        try
        {
            var now = engine.Clock.GetUtcNow();
            DeadLetter[] due = [.. (await state.GetDeadLettersAsync(either.Token).ConfigureAwait(false)).Where(letter => letter.IsDue(now, report.StartedAt))];
            var retry = new SetAsideRetry(client, fetcher, plan, Log);
            await CommitAllAsync(retry.ReadAsync(due, cursor, either.Token), cursor, either.Token).ConfigureAwait(false);
            var changes = new Changes(client, fetcher, plan, engine.Clock, Log, progress);
            await CommitAllAsync(changes.ReadAsync(cursor, either.Token), cursor, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new PhishMeException(
                Faults.RunTimedOut,
                FormattableString.Invariant($"The run reached its time limit of {settings.Api.RunTimeoutMinutes} minutes; finished work is kept."),
                innerException: exception);
        }
    }

    private async Task<SyncCursor> CommitAllAsync(IAsyncEnumerable<Batch> batches, SyncCursor cursor, CancellationToken cancellationToken)
    {
        var garbage = engine.BoundsGarbage ? new HeapGrowthLimit() : null;
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            using (batch)
            {
                await Committer.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
                cursor = batch.After;
                report.PositionAfter = cursor.Position ?? report.PositionAfter;
                _destinations.StoreChanged |= batch.Threats.Count + batch.Withdrawn.Count > 0;
                await _destinations.MakeRoomAsync(cancellationToken).ConfigureAwait(false);
            }

            garbage?.Check();
        }

        return cursor;
    }

    /// <summary>The server's clock: a wrong clock here must not cut a backfill short. Also proves the credentials before anything is written.</summary>
    private async Task<DateTimeOffset> ServerTimeAsync(CancellationToken cancellationToken)
    {
        await client.PingAsync(cancellationToken).ConfigureAwait(false);
        var skew = client.ClockSkew ?? TimeSpan.Zero;
        if (skew.Duration() > TimeSpan.FromMinutes(2) && !_clockWasCompared)
        {
            _clockWasCompared = true;
            report.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of this machine is {skew.Duration():c} {(skew > TimeSpan.Zero ? "behind" : "ahead of")} the server's. The run uses the server's time. Correct the clock."));
        }

        // Not our clock and the difference: it may have been set in between, and a window that ends too late leaves a gap.
        return client.ServedAt ?? engine.Clock.GetUtcNow();
    }

    /// <returns>Whether config.ini shows it.</returns>
    private bool MirrorPosition(string position) => request.DryRun || report.TryWriteValue("pm_api", "position", position);
}
