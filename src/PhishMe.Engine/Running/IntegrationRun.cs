using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.Queues;
using PhishMe.Engine.Files;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;
using Serilog.Core;

namespace PhishMe.Engine.Running;

/// <summary>
/// One config.ini-driven run from the file to the summary: configuration, jitter, lock, log, state, backfill, updates. Whatever happens,
/// exactly one summary comes out.
/// </summary>
internal sealed class IntegrationRun(EngineSettings engine, RunRequest request, IProgress<RunProgress>? progress)
{
    private readonly string _runId = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12];
    private readonly DateTimeOffset _startedAt = engine.Clock.GetUtcNow();
    private readonly List<string> _warnings = [];
    private UnknownBlockTypes? _unknownTypes;
    private string _path = request.ConfigurationPath;
    private ILogger _log = Logger.None;
    private SecretMask _mask = SecretMask.None;
    private Func<string?> _logProblem = () => null;
    private Func<int> _requests = () => 0;
    private Func<RequestPace?> _pace = () => null;
    private BatchCommitter? _committer;
    private ThreatStoring? _storing;
    private IReadOnlyList<Output> _outputs = [];
    private bool _backfilled;
    private bool _isUnwritable;
    private bool _repaired;
    private string? _positionBefore;
    private string? _positionAfter;
    private int _deadLettersOpen;

    /// <summary>When the time that run_timeout_minutes limits began: with the run, or with the end of a backfill.</summary>
    private long _timeRunsFrom;

    public async Task<RunSummary> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _path = Path.GetFullPath(request.ConfigurationPath);
            var isRestored = !request.DryRun && ConfigurationValueWriter.Restore(_path);
            var settings = Configure();
            _positionBefore = _positionAfter = settings.Api.Position;
            if (!request.DryRun)
            {
                await Jitter.WaitAsync(settings, SaveOffset, engine.Clock, progress, cancellationToken).ConfigureAwait(false);
            }

            using var held = request.DryRun ? null : TakeLock(settings);
            engine.Step?.Invoke("lock-taken");
            // While this one slept or waited, another run may have moved the position: only what stands there now is a person's word.
            settings = Configure();
            _isUnwritable = false;
            _positionBefore = _positionAfter = settings.Api.Position;
            using var log = request.DryRun ? new LoggerConfiguration().CreateLogger() : OpenLog(settings, held!);
            _log = log;
            if (isRestored)
            {
                Warn($"{_path} was missing: the last run ended while it replaced the file. The copy it had made was put back.");
            }

            return await RunLockedAsync(settings, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Failed(exception, cancellationToken);
        }
        finally
        {
            _log = Logger.None;
        }
    }

    private IntegrationSettings Configure()
    {
        var reading = ConfigurationReader.Read(_path, engine.SecretResolver);
        _mask = reading.Settings is IntegrationSettings settings ? new SecretMask(settings) : _mask;
        _warnings.Clear();
        _warnings.AddRange(reading.Findings.Where(finding => finding.Severity != FindingSeverity.Information).Select(finding => finding.ToString()));
        return reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
    }

    private RunLock TakeLock(IntegrationSettings settings) =>
        RunLock.TryTake(settings.LockFile, _runId, _startedAt)
        ?? throw new PhishMeException(Faults.RunLocked, "Another run is under way.", settings.LockFile);

    private Logger OpenLog(IntegrationSettings settings, RunLock held)
    {
        var log = RunLog.Open(settings.Log, _runId, _mask, engine.Files, out _logProblem);
        log.Information("Run starts: {Path}, process {Process}, version {Version}", _path, Environment.ProcessId, engine.Version);
        foreach (var warning in _warnings)
        {
            log.Warning("{Warning}", warning);
        }

        if (held.LeftBy is string owner)
        {
            log.Warning("Took over the lock of a run that died ({Owner})", owner);
        }

        return log;
    }

    private async Task<RunSummary> RunLockedAsync(IntegrationSettings settings, CancellationToken cancellationToken)
    {
        using var client = new ThreatHqClient(
            settings.Api, settings.Proxy, UserAgent(settings), engine.Timings, engine.Clock, _log, engine.Step);
        _requests = () => client.Requests;
        _pace = () => client.Pace is { } pace
            ? new RequestPace
            {
                InFlight = Math.Max(1, (int)pace.InFlight),
                PerSecond = pace.PerSecond is double rate ? Math.Round(rate, 1) : null,
                Refused = client.Refused,
            }
            : null;
        try
        {
            return await RunWithStateAsync(settings, OpenState(settings), client, rebuilt: false, cancellationToken).ConfigureAwait(false);
        }
        catch (StateDamagedException exception) when (!request.DryRun)
        {
            // The position may have moved before the damage was met.
            settings = settings with { Api = settings.Api with { Position = _positionAfter } };
            return await RunWithStateAsync(settings, Rebuild(settings, exception), client, rebuilt: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="StateDamagedException">Once: the state file has to be rebuilt.</exception>
    private async Task<RunSummary> RunWithStateAsync(
        IntegrationSettings settings, StateStore opened, ThreatHqClient client, bool rebuilt, CancellationToken cancellationToken)
    {
        using var state = opened;
        _outputs = [];
        _repaired = false;
        _timeRunsFrom = engine.Clock.GetTimestamp();
        RunSummary summary;
        try
        {
            summary = await SyncAndSettleAsync(settings, state, client, rebuilt, cancellationToken).ConfigureAwait(false);
            summary = await DeliverAsync(settings, state, summary, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var output in _outputs)
            {
                await output.DisposeAsync().ConfigureAwait(false);
            }
        }

        return Close(state, summary);
    }

    /// <summary>The sync, and all files as they are committed, whatever became of it.</summary>
    /// <exception cref="StateDamagedException">Once: the state file has to be rebuilt.</exception>
    private async Task<RunSummary> SyncAndSettleAsync(
        IntegrationSettings settings, StateStore state, ThreatHqClient client, bool rebuilt, CancellationToken cancellationToken)
    {
        try
        {
            state.BeginRun(_runId, _startedAt);
            engine.Step?.Invoke("run-begun");
            _storing = ThreatStoring.For(state, settings.State, request.DryRun);
            var files = new PatientFiles(engine.Clock, engine.Files);
            _outputs =
            [
                .. settings.Outputs.Select(output => new Output(
                    output, state, _storing, settings.State.DeduplicationHours, request.DryRun, rebuilt, engine.Clock, files, Warn, _log, engine.Step)),
            ];
            if (!request.DryRun)
            {
                state.NoteLengths([.. _outputs.Select(output => output.UnknownLength).OfType<(string Path, long Length)>()]);
            }

            _repaired = true;
            _committer = new BatchCommitter(
                state, _storing, _outputs, settings.Api.Position ?? string.Empty, MirrorPosition, engine.Clock, _mask, _log, engine.Step);
            _committer.RetryHeld();
            await SyncAsync(settings, state, client, cancellationToken).ConfigureAwait(false);
            foreach (var output in _outputs)
            {
                output.Finish();
            }

            if (_storing?.Settle(engine.Clock.GetUtcNow(), cancellationToken) is int purged and > 0)
            {
                _log.Information("{Count} threat(s) older than {Days} days were removed from the store", purged, settings.State.RetentionDays);
            }

            return Summarize(ExitCode.Done, fault: null);
        }
        catch (StateDamagedException) when (!rebuilt && !request.DryRun)
        {
            throw;
        }
        catch (Exception exception)
        {
            return Failed(exception, cancellationToken);
        }
        finally
        {
            foreach (var output in _outputs)
            {
                _repaired &= await output.CutBackAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Last, because a slow collector must not hold up anything else; also after a failed sync, because what waits has nothing to do with that.
    /// </summary>
    private async Task<RunSummary> DeliverAsync(
        IntegrationSettings settings, StateStore state, RunSummary synced, CancellationToken cancellationToken)
    {
        try
        {
            var undelivered = cancellationToken.IsCancellationRequested
                ? null
                : await DrainAsync(settings, isSynced: synced.Fault is null, cancellationToken).ConfigureAwait(false);
            _deadLettersOpen = state.DeadLetters().Count;
            var fault = synced.Fault ?? undelivered;
            return Summarize(fault?.Kind.ExitCode ?? (SetAsideInAll > 0 ? ExitCode.DoneWithDeadLetters : ExitCode.Done), fault);
        }
        catch (Exception exception) when (synced.Fault is null)
        {
            return Failed(exception, cancellationToken);
        }
        catch (Exception exception)
        {
            _log.Error("The events that wait for the collector could not be sent: {Message}", exception.Message);
            return synced;
        }
    }

    /// <returns>Why events still wait; null when none does, or when the run had no more time.</returns>
    private async Task<Fault?> DrainAsync(IntegrationSettings settings, bool isSynced, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromMinutes(settings.Api.RunTimeoutMinutes);
        Fault? failure = null;
        foreach (var outbox in Outboxes)
        {
            if (isSynced)
            {
                outbox.AddHeartbeat(_runId); // Silence is to mean that something is wrong.
            }

            await outbox.DrainAsync(() => engine.Clock.GetElapsedTime(_timeRunsFrom) >= limit, cancellationToken).ConfigureAwait(false);
            failure ??= outbox.Failure;
            if (outbox.Dropped > 0)
            {
                Warn(FormattableString.Invariant(
                    $"The outbox was full, so the oldest {outbox.Dropped} event(s) were dropped. Repair the collector or raise outbox_max_mb."));
            }

            if (outbox.Count() is > 0 and long waiting)
            {
                Warn(outbox.Failure is not null
                    ? FormattableString.Invariant($"{waiting} event(s) wait for the collector; the next run sends them.")
                    : FormattableString.Invariant(
                        $"{waiting} event(s) wait for the collector: this run reached its time limit, and the next run continues. If this recurs, raise max_eps or run_timeout_minutes."));
            }
        }

        return failure;
    }

    private IEnumerable<SyslogOutbox> Outboxes => _outputs.Select(output => output.Syslog).OfType<SyslogOutbox>();

    private int SetAsideInAll => (_committer?.SetAside ?? 0) + Outboxes.Sum(outbox => outbox.Rejected);

    private RunSummary Close(StateStore state, RunSummary summary)
    {
        var json = RunSummaryJson.Write(summary);
        try
        {
            state.EndRun(engine.Clock.GetUtcNow(), _repaired, summary.ExitCode, json, _committer?.Mirrored ?? state.Mirrored);
            engine.Step?.Invoke("run-ended");
            _log.ForContext(SystemLogSink.Marker, true).Information("Run ends with {ExitCode}: {Summary}", (int)summary.ExitCode, json);
            return summary;
        }
        catch (Exception exception) when (summary.Fault is null)
        {
            return Failed(exception, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _log.Error("The end of the run could not be recorded: {Message}", exception.Message);
            return summary;
        }
    }

    private StateStore OpenState(IntegrationSettings settings)
    {
        var path = settings.State.File;
        if (request.DryRun)
        {
            return StateStore.OpenCopy(path);
        }

        if (settings.Api.Position is not null && new FileInfo(path) is { Exists: true, Length: 0 })
        {
            Warn($"The state file {path} is empty, so earlier runs are unknown. {WithoutState(settings)}");
        }

        try
        {
            return StateStore.Open(path);
        }
        catch (StateDamagedException exception)
        {
            return Rebuild(settings, exception);
        }
    }

    private StateStore Rebuild(IntegrationSettings settings, StateDamagedException exception)
    {
        var path = settings.State.File;
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{_startedAt:yyyyMMddTHHmmss}");
        SetAside(path, aside);
        Warn($"The state file {path} is damaged ({exception.InnerException?.Message}) and was set aside as {aside}. {WithoutState(settings)}");
        return StateStore.Open(path);
    }

    private static string WithoutState(IntegrationSettings settings) => settings.Api.Position is null
        ? "There is no position, so a new backfill starts and delivers everything again."
        : "The run continues from the position in the configuration file; the latest threats may be delivered again.";

    private void Warn(string warning)
    {
        _warnings.Add(warning);
        _log.Error("{Warning}", warning);
    }

    private static void SetAside(string path, string aside)
    {
        try
        {
            foreach (var suffix in new[] { string.Empty, "-wal", "-shm" })
            {
                if (File.Exists(path + suffix))
                {
                    File.Move(path + suffix, aside + suffix, overwrite: true);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.StateUnavailable, $"The damaged state file cannot be set aside: {exception.Message}", path, exception);
        }
    }

    private async Task SyncAsync(IntegrationSettings settings, StateStore state, ThreatHqClient client, CancellationToken cancellationToken)
    {
        var plan = PlanOf(settings);
        _unknownTypes = plan.UnknownTypes;
        var fetcher = new RenditionFetcher(client, plan, _log);
        var cursor = await StartingPoint.FindAsync(
            state, settings.Api.Position, plan, () => ServerTimeAsync(client, cancellationToken), _log).ConfigureAwait(false);
        if (cursor.Position is string known && known != settings.Api.Position)
        {
            MirrorPosition(known); // The last run committed it but could not write the file.
        }

        if (cursor.Phase != SyncPhase.Following)
        {
            _backfilled = true;
            var backfill = new Backfill(client, fetcher, plan, _log, progress);
            cursor = await CommitAllAsync(
                backfill.ReadAsync(cursor, cancellationToken).BeginAheadAsync(_outputs, cancellationToken), cursor, cancellationToken).ConfigureAwait(false);
            _timeRunsFrom = engine.Clock.GetTimestamp();
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(settings.Api.RunTimeoutMinutes), engine.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _backfilled ? CancellationToken.None : deadline.Token);
        try
        {
            await RetryDeadLettersAsync(state, fetcher, plan, cursor, either.Token).ConfigureAwait(false);
            await RetryGapsAsync(state, client, fetcher, plan, cursor, either.Token).ConfigureAwait(false);
            var changes = new Changes(client, fetcher, plan, engine.Clock, _log, progress);
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
        var garbage = new GarbageBound();
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            using (batch)
            {
                await _committer!.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
                cursor = batch.After;
                _positionAfter = cursor.Position ?? _positionAfter;
                foreach (var outbox in Outboxes.Where(outbox => outbox is { IsFilling: true, Failure: null }))
                {
                    await outbox.DrainAsync(() => !outbox.IsFilling, cancellationToken).ConfigureAwait(false);
                }
            }

            garbage.Check();
        }

        return cursor;
    }

    private async Task RetryDeadLettersAsync(
        StateStore state, RenditionFetcher fetcher, SyncPlan plan, SyncCursor cursor, CancellationToken cancellationToken)
    {
        var now = engine.Clock.GetUtcNow();
        var due = state.DeadLetters()
            .Where(letter => IsDue(letter, now) && letter.Id is { } id
                && plan.Products.Contains(id.Type) && plan.Formats.Contains(letter.Format))
            .GroupBy(letter => letter.Format);
        foreach (var letters in due)
        {
            var formats = new HashSet<OutputFormat> { plan.Local.Contains(letters.Key) ? OutputFormat.Json : letters.Key };
            foreach (var chunk in letters.Chunk(plan.ResultsPerPage))
            {
                var fetched = await fetcher.FetchAsync(
                    [.. chunk.Select(letter => letter.Id!.Value)], formats, _ => false, cancellationToken).ConfigureAwait(false);
                using var batch = new Batch { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = cursor };
                await _committer!.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What a backfill could not be served has no id; it is asked for again at its place.</summary>
    private async Task RetryGapsAsync(
        StateStore state, ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, SyncCursor cursor, CancellationToken cancellationToken)
    {
        var now = engine.Clock.GetUtcNow();
        var gaps = new GapRetry(client, new PageFetcher(new PageReader(client, new IsolationLimit(), _log), fetcher, plan), plan);
        foreach (var letter in state.DeadLetters().Where(letter => IsDue(letter, now) && gaps.Concerns(letter)))
        {
            await CommitAllAsync(gaps.ReadAsync(letter, cursor, cancellationToken), cursor, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Not what this very run set aside. A try in the future was noted by a clock that has been set back since; it is made again.</summary>
    private bool IsDue(DeadLetter letter, DateTimeOffset now) =>
        letter.LastTriedAt > now || (letter.DueAt <= now && letter.LastTriedAt < _startedAt);

    /// <summary>The server's clock: a wrong clock here must not cut a backfill short. Also proves the credentials before anything is written.</summary>
    private async Task<DateTimeOffset> ServerTimeAsync(ThreatHqClient client, CancellationToken cancellationToken)
    {
        await client.PingAsync(cancellationToken).ConfigureAwait(false);
        var skew = client.ClockSkew ?? TimeSpan.Zero;
        if (skew.Duration() > TimeSpan.FromMinutes(2))
        {
            var warning = string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of this machine is {skew.Duration():c} {(skew > TimeSpan.Zero ? "behind" : "ahead of")} the server's. The run uses the server's time. Correct the clock.");
            _warnings.Add(warning);
            _log.Warning("{Warning}", warning);
        }

        // Not our clock and the difference: it may have been set in between, and a window that ends too late leaves a gap.
        return client.ServedAt ?? engine.Clock.GetUtcNow();
    }

    private SyncPlan PlanOf(IntegrationSettings settings) => new()
    {
        Products = settings.Products,
        // The store lives on JSON, whether or not an output wants it.
        Formats = settings.Outputs.Select(output => output.Format).Concat(settings.State.KeepThreats ? [OutputFormat.Json] : []).ToHashSet(),
        KeepThreats = settings.State.KeepThreats && !request.DryRun,
        Local = settings.Outputs.Where(output => output.Source == OutputSource.Local).Select(output => output.Format).ToHashSet(),
        IsStixBundle = settings.Outputs.Any(output => output is { Format: OutputFormat.Stix, StixVersion: StixVersion.Stix21 }),
        Marking = settings.Outputs.FirstOrDefault(output => output.Format == OutputFormat.Stix)?.Marking ?? TlpLevel.None,
        ValidDays = settings.Outputs.FirstOrDefault(output => output.Format == OutputFormat.Stix)?.ValidDays ?? 0,
        InitialDate = settings.Api.InitialDate,
        ResultsPerPage = settings.Api.ResultsPerPage,
        Concurrency = settings.Api.ConcurrentRequests,
        ExpiredThreatDays = settings.Api.ExpiredThreatDays,
    };

    private string UserAgent(IntegrationSettings settings) => $"PhishMe.PowerShell/{engine.Version} ({string.Join(", ", settings.ActiveOutputs)})";

    private void SaveOffset(int minutes) => TryWriteValue("pm_jitter", "scheduler_offset", minutes.ToString(CultureInfo.InvariantCulture));

    /// <returns>Whether config.ini shows it.</returns>
    private bool MirrorPosition(string position) => request.DryRun || TryWriteValue("pm_api", "position", position);

    /// <summary>Config.ini only shows what the state file knows: that it is open in an editor or read-only stops no run. A full disk does.</summary>
    private bool TryWriteValue(string section, string key, string value)
    {
        if (_isUnwritable)
        {
            return false;
        }

        try
        {
            ConfigurationValueWriter.Write(_path, section, key, value, new PatientFiles(engine.Clock, engine.Files), engine.Step);
            return true;
        }
        catch (PhishMeException exception) when (exception.InnerException is HeldFileException or UnauthorizedAccessException)
        {
            _isUnwritable = true; // Said once; the next run tries again.
            Warn($"{exception.Fault.Message} ({_path}). The state file holds the position, and the run goes on.");
            return false;
        }
    }

    private RunSummary Failed(Exception exception, CancellationToken cancellationToken)
    {
        var fault = _mask.Hide(FaultOf(exception, cancellationToken));
        if (fault.Kind == Faults.Unexpected)
        {
            _log.Fatal(exception, "The run ends with an unexpected error");
        }
        else
        {
            _log.Error("{Fault}", fault.ToString());
        }

        return Summarize(fault.Kind.ExitCode, fault);
    }

    private static Fault FaultOf(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        PhishMeException known => known.Fault,
        ApiException api => api.ToFault().Fault,
        OperationCanceledException when cancellationToken.IsCancellationRequested => new Fault { Kind = Faults.Cancelled, Message = "The run was cancelled; finished work is kept." },
        StateDamagedException damaged => new Fault
        {
            Kind = Faults.StateUnavailable,
            Message = $"{damaged.Message} {damaged.InnerException?.Message}",
            Where = damaged.Path,
        },
        Microsoft.Data.Sqlite.SqliteException sqlite => new Fault { Kind = Faults.StateUnavailable, Message = sqlite.Message },
        _ => new Fault { Kind = Faults.Unexpected, Message = $"{exception.GetType().Name}: {exception.Message}" },
    };

    private RunSummary Summarize(ExitCode exitCode, Fault? fault) => new()
    {
        RunId = _runId,
        ConfigurationPath = _path,
        StartedAt = _startedAt,
        EndedAt = engine.Clock.GetUtcNow(),
        ExitCode = exitCode,
        Fault = fault,
        DryRun = request.DryRun,
        Backfill = _backfilled,
        Requests = _requests(),
        Pace = _pace(),
        Received = _committer?.Received ?? 0,
        Withdrawn = _committer?.Withdrawn ?? 0,
        Expired = _committer?.Expired ?? 0,
        DeadLetters = SetAsideInAll,
        DeadLettersOpen = _deadLettersOpen,
        Healed = _committer?.Healed ?? 0,
        PositionBefore = _positionBefore,
        PositionAfter = _positionAfter,
        Outputs = [.. _outputs.Select(output => output.Summary)],
        Warnings = [.. _warnings.Concat([_logProblem(), _unknownTypes?.Warning]).OfType<string>().Select(_mask.Hide)],
    };
}
