using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Running.Publishing;

/// <summary>
/// Delivers threats to one destination as a run does: the same lock, the same order of commitment, the same record of deliveries, so that the next run
/// recognises them. The cursor of the sync and the offsets of destinations stay where they are.
/// </summary>
internal sealed class ThreatPublishing(EngineSettings engine, PublishRequest request, IProgress<RunProgress>? progress)
{
    private readonly RunReport _report = new(engine, new RunRequest { ConfigurationPath = request.ConfigurationPath });

    /// <exception cref="PhishMeException">Nothing was sent.</exception>
    public async Task<PublishResult> RunAsync(CancellationToken cancellationToken)
    {
        var reading = ConfigurationReader.Read(Path.GetFullPath(request.ConfigurationPath), engine.Reading);
        var settings = reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
        var destination = settings.Destinations.FirstOrDefault(one => one.IsNamed(request.Destination))
            ?? throw DestinationAdministration.NotInUse(request.Destination, settings);
        if (destination is RebuiltDestination)
        {
            throw new PhishMeException(Faults.DestinationIsRebuilt, $"{destination.Id} is made from the store as a whole; single threats cannot be added to it.", settings.Path);
        }

        _report.Path = settings.Path;
        _report.Begin(reading);
        using var held = RunLock.TryTake(settings.LockFile, $"publish to {destination.Id}", _report.StartedAt)
            ?? throw new PhishMeException(Faults.RunLocked, "A run is under way and holds the state; nothing was published.", settings.LockFile);
        using var log = RunLog.Open(settings.Log, _report.RunId, _report.Mask, engine.Files, engine.HostLog, out var problem);
        _report.Log = log;
        _report.LogProblem = problem;
        try
        {
            using var state = engine.States.Open(settings.State.Location, engine.Step);
            return await PublishAsync(settings, destination, state, cancellationToken).ConfigureAwait(false);
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(
                Faults.StateUnavailable, "The state file is damaged; the next run sets it aside and rebuilds it.", settings.State.Location.Name, exception);
        }
        catch (ApiException exception)
        {
            throw exception.ToFault();
        }
        finally
        {
            _report.Log = Logger.None;
        }
    }

    private async Task<PublishResult> PublishAsync(IntegrationSettings settings, Destination destination, IStateStore state, CancellationToken cancellationToken)
    {
        // What an earlier run left in the middle concerns all destinations; the next run puts it in order.
        var isInOrder = state.Unfinished is null;
        await state.AdoptAsync([.. settings.Destinations.Select(one => one.Id)], cancellationToken).ConfigureAwait(false);
        await state.BeginRunAsync(_report.RunId, _report.StartedAt, cancellationToken).ConfigureAwait(false);
        _report.Log.Information("Publishing {Count} threat(s) to {Destination}", request.Threats.Count, destination.Id.ToString());
        var exitCode = ExitCode.Unexpected;
        var set = new DestinationSet(
            engine, new RunRequest { ConfigurationPath = settings.Path }, settings with { Destinations = [destination] }, state, _report, stateWasLost: false);
        await using (set.ConfigureAwait(false))
        {
            try
            {
                var result = await DeliverAsync(settings, destination, state, set, cancellationToken).ConfigureAwait(false);
                exitCode = result.Fault?.Kind.ExitCode ?? ExitCode.Done;
                _report.Log.Information(
                    "Published to {Destination}: {Outcomes}",
                    destination.Id.ToString(),
                    string.Join(", ", result.Threats.CountBy(threat => threat.Outcome).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}"))));
                return result;
            }
            finally
            {
                isInOrder &= await set.RollBackAsync().ConfigureAwait(false);
                await set.SaveAsync().ConfigureAwait(false);
                await state.EndRunAsync(engine.Clock.GetUtcNow(), isInOrder, exitCode, summary: null, state.Host.Mirrored).ConfigureAwait(false);
            }
        }
    }

    private async Task<PublishResult> DeliverAsync(
        IntegrationSettings settings, Destination destination, IStateStore state, DestinationSet set, CancellationToken cancellationToken)
    {
        await set.OpenAsync(cancellationToken).ConfigureAwait(false);
        var open = set.Delivered.Single();
        var warnings = _report.Warnings.Count;
        if (open.State.Commit < 0)
        {
            // New to the state: the next run gives it everything else.
            open.State = DestinationOffsets.At(open.Id, known: null, (state.Cursor, state.Commit), state.Cursor!, engine.Clock.GetUtcNow());
        }

        var selector = new DeliverySelector(state, settings.State.DeduplicationHours, request.Force);
        var committer = new BatchCommitter(
            state, store: null, [open], selector, state.Host.Mirrored, _ => true, engine.Clock, set.Hiding, _report.Log, engine.Step);
        Threat[] threats = [.. request.Threats.Reverse().DistinctBy(threat => threat.Id).Reverse()];
        var items = new PublishedItems(destination.Id, [.. threats.Select(threat => threat.Id)]);
        var selection = new PublishSelection(state, settings, destination, request.Force);
        if (open.Queue is not null)
        {
            open.Queue.Settled = items.Settle;
        }

        var fault = await CommitAllAsync(settings, open, threats, committer, selector, selection, items, state, cancellationToken).ConfigureAwait(false);
        if (open.Queue is not { IsFilling: true, Failure: not null })
        {
            fault ??= await set.DeliverAsync(catchUp: null, store: null, isSynced: false, () => ReportSent(open, items), cancellationToken).ConfigureAwait(false);
        }

        fault ??= open.Queue?.Failure;
        if (committer.SetAside > 0)
        {
            _report.Note(FormattableString.Invariant($"Other programs hold {committer.SetAside} file(s); the next run replaces them."));
        }

        return new PublishResult
        {
            Threats = items.ToResults(_report.Mask.Hide),
            Fault = fault is null ? null : _report.Mask.Hide(fault),
            Warnings = [.. _report.Warnings.Skip(warnings).Concat(_report.LogProblem() is string lines ? [lines] : []).Select(_report.Mask.Hide)],
        };
    }

    /// <summary>Page by page, as long as there is room for what waits.</summary>
    /// <returns>Why it ended early; null when it did not, or when the target failed.</returns>
    private async Task<Fault?> CommitAllAsync(
        IntegrationSettings settings,
        OpenDestination open,
        Threat[] threats,
        BatchCommitter committer,
        DeliverySelector selector,
        PublishSelection selection,
        PublishedItems items,
        IStateStore state,
        CancellationToken cancellationToken)
    {
        try
        {
            using var rendering = new PublishRendering(engine, settings, open.Settings, _report.Log);
            foreach (var page in threats.Chunk(settings.Api.ResultsPerPage))
            {
                var units = await selection.SelectAsync(page, items, cancellationToken).ConfigureAwait(false);
                units = await rendering.RenderAsync(units, items, cancellationToken).ConfigureAwait(false);
                units = await ChooseAsync(open, units, selector, items, state, cancellationToken).ConfigureAwait(false);
                await CommitAsync(settings, open, units, committer, items, state, cancellationToken).ConfigureAwait(false);
                progress?.Report(new RunProgress { Activity = $"Threats prepared for {open.Id}", Done = items.Handled, Total = threats.Length });
                if (!await MakeRoomAsync(open, items, cancellationToken).ConfigureAwait(false))
                {
                    break;
                }
            }

            return null;
        }
        catch (PhishMeException exception)
        {
            return exception.Fault;
        }
        catch (ApiException exception)
        {
            return exception.ToFault().Fault;
        }
    }

    /// <summary>Those that are new to the destination.</summary>
    private async Task<IReadOnlyList<ThreatUnit>> ChooseAsync(
        OpenDestination open, IReadOnlyList<ThreatUnit> units, DeliverySelector selector, PublishedItems items, IStateStore state, CancellationToken cancellationToken)
    {
        var now = engine.Clock.GetUtcNow();
        var records = await state.GetDeliveriesAsync(open.Id, [.. units.Select(unit => unit.Id)], cancellationToken).ConfigureAwait(false);
        var chosen = new List<ThreatUnit>(units.Count);
        foreach (var unit in units)
        {
            DeliveryRecord? before = records.TryGetValue(unit.Id, out var record) ? record : null;
            if (selector.IsNew(before, unit.LastPublished, unit.In(open.Settings.Format)!.Value.Content, CursorOf(state).Generation, now))
            {
                chosen.Add(unit);
            }
            else
            {
                items.Set(unit.Id, PublishOutcome.Unchanged);
            }
        }

        return chosen;
    }

    private async Task CommitAsync(
        IntegrationSettings settings,
        OpenDestination open,
        IReadOnlyList<ThreatUnit> units,
        BatchCommitter committer,
        PublishedItems items,
        IStateStore state,
        CancellationToken cancellationToken)
    {
        if (units.Count == 0)
        {
            return;
        }

        using var batch = new Batch { Threats = units, After = CursorOf(state) };
        var changes = settings.State.KeepThreats ? await BatchChanges.OfAsync(batch, state.Archive, engine.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false) : BatchChanges.None;
        await committer.CommitAsideAsync(open, batch, changes, cancellationToken).ConfigureAwait(false);
        if (open.Queue is not null)
        {
            items.Queue(units.Select(unit => unit.Id), open.Queued);
            return;
        }

        foreach (var unit in units)
        {
            items.Set(unit.Id, PublishOutcome.Delivered);
        }
    }

    /// <summary>A queue that fills is sent first. A target that is down ends the work before its queue overflows.</summary>
    private async Task<bool> MakeRoomAsync(OpenDestination open, PublishedItems items, CancellationToken cancellationToken)
    {
        if (open.Queue is not { IsFilling: true } queue)
        {
            return true;
        }

        await queue.DrainAsync(() => ReportSent(open, items) || !queue.IsFilling, cancellationToken).ConfigureAwait(false);

        // Nothing of the sync was kept from it, so there is nothing to catch up with.
        open.Resume();
        queue.Resume();
        return !queue.IsFilling;
    }

    /// <returns>False: there is no time limit.</returns>
    private bool ReportSent(OpenDestination open, PublishedItems items)
    {
        progress?.Report(new RunProgress { Activity = $"Items sent to {open.Id}", Done = items.Sent, Total = items.Queued });
        return false;
    }

    /// <summary>Before the first run: a cursor with the generation that its backfill will have.</summary>
    private static SyncCursor CursorOf(IStateStore state) => state.Cursor
        ?? new SyncCursor { Phase = SyncPhase.Pages, Generation = 1, Plan = string.Empty, WindowBegin = default, WindowEnd = default, FollowFrom = default };
}
