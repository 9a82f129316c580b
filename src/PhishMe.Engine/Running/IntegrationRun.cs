using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Delivery;
using PhishMe.Engine.Delivery.Syslog;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.State;
using PhishMe.Engine.Sync;
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
    private string _path = request.ConfigurationPath;
    private ILogger _log = Logger.None;
    private Func<int> _requests = () => 0;
    private BatchCommitter? _committer;
    private IReadOnlyList<Output> _outputs = [];
    private bool _backfilled;
    private string? _positionBefore;
    private string? _positionAfter;
    private int _deadLettersOpen;

    public async Task<RunSummary> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _path = Path.GetFullPath(request.ConfigurationPath);
            IntegrationSettings settings = Configure();
            _positionBefore = _positionAfter = settings.Api.Position;
            if (!request.DryRun)
            {
                await Jitter.WaitAsync(settings, SaveOffset, engine.Clock, progress, cancellationToken).ConfigureAwait(false);
            }

            using RunLock? held = request.DryRun ? null : TakeLock(settings);
            using Logger log = request.DryRun ? new LoggerConfiguration().CreateLogger() : OpenLog(settings, held!);
            _log = log;
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
        ConfigurationReading reading = ConfigurationReader.Read(_path, engine.SecretResolver);
        _warnings.AddRange(reading.Findings.Where(finding => finding.Severity != FindingSeverity.Information).Select(finding => finding.ToString()));
        return reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
    }

    private RunLock TakeLock(IntegrationSettings settings) =>
        RunLock.TryTake(settings.LockFile, _runId, _startedAt)
        ?? throw new PhishMeException(Faults.RunLocked, "Another run is under way.", settings.LockFile);

    private Logger OpenLog(IntegrationSettings settings, RunLock held)
    {
        Logger log = RunLog.Open(settings.Log, _runId, Secrets(settings), out string? problem);
        if (problem is not null)
        {
            _warnings.Add(problem);
        }

        log.Information("Run starts: {Path}, process {Process}, version {Version}", _path, Environment.ProcessId, engine.Version);
        foreach (string warning in _warnings)
        {
            log.Warning("{Warning}", warning);
        }

        if (held.LeftBy is string owner)
        {
            log.Warning("Took over the lock of a run that died ({Owner})", owner);
        }

        return log;
    }

    private static IEnumerable<string> Secrets(IntegrationSettings settings)
    {
        yield return settings.Api.User;
        yield return settings.Api.Password;
        yield return Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{settings.Api.User}:{settings.Api.Password}"));
        if (settings.Proxy?.Password is string password)
        {
            yield return password;
        }
    }

    private async Task<RunSummary> RunLockedAsync(IntegrationSettings settings, CancellationToken cancellationToken)
    {
        using StateStore state = OpenState(settings);
        string mirrored = settings.Api.Position ?? string.Empty;
        using var client = new ThreatHqClient(
            settings.Api, settings.Proxy, UserAgent(settings), engine.Timings, engine.Clock, _log, engine.Step);
        _requests = () => client.Requests;
        RunSummary summary;
        try
        {
            state.BeginRun(_runId, _startedAt);
            _outputs =
            [
                .. settings.Outputs.Select(output => new Output(
                    output, state, settings.State.DeduplicationHours, request.DryRun, engine.Clock, _log, engine.Step)),
            ];
            _committer = new BatchCommitter(state, _outputs, mirrored, MirrorPosition, engine.Clock, _log, engine.Step);
            await SyncAsync(settings, state, client, cancellationToken).ConfigureAwait(false);
            foreach (Output output in _outputs)
            {
                output.Finish();
            }

            Fault? undelivered = await DrainAsync(cancellationToken).ConfigureAwait(false);
            _deadLettersOpen = state.DeadLetters().Count;
            summary = undelivered is not null
                ? Summarize(undelivered.Kind.ExitCode, undelivered)
                : Summarize(_committer.SetAside > 0 ? ExitCode.DoneWithDeadLetters : ExitCode.Done, fault: null);
        }
        catch (Exception exception)
        {
            summary = Failed(exception, cancellationToken);
        }

        bool intact = true;
        foreach (Output output in _outputs)
        {
            intact &= output.CutBack();
            await output.DisposeAsync().ConfigureAwait(false);
        }

        return intact ? Close(state, summary) : summary;
    }

    /// <summary>Last, because a slow collector must not hold up anything else.</summary>
    /// <returns>Why events still wait; null when none does.</returns>
    private async Task<Fault?> DrainAsync(CancellationToken cancellationToken)
    {
        Fault? failure = null;
        foreach (SyslogOutbox outbox in _outputs.Select(output => output.Syslog).OfType<SyslogOutbox>())
        {
            outbox.AddHeartbeat(_runId);
            await outbox.DrainAsync(cancellationToken).ConfigureAwait(false);
            failure ??= outbox.Failure;
            if (outbox.Dropped > 0)
            {
                string warning = FormattableString.Invariant(
                    $"The outbox was full: {outbox.Dropped} event(s), the oldest, were dropped. Mend the collector or raise outbox_max_mb.");
                _warnings.Add(warning);
                _log.Error("{Warning}", warning);
            }
        }

        return failure;
    }

    /// <summary>Only a run that left everything in order is recorded as ended; otherwise the next one repairs.</summary>
    private RunSummary Close(StateStore state, RunSummary summary)
    {
        try
        {
            state.EndRun(engine.Clock.GetUtcNow(), summary.ExitCode, RunSummaryJson.Write(summary), _committer?.Mirrored ?? state.Mirrored);
            _log.Information("Run ends with {ExitCode}: {Summary}", (int)summary.ExitCode, RunSummaryJson.Write(summary));
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
        string path = settings.State.File;
        if (request.DryRun)
        {
            return StateStore.OpenCopy(path);
        }

        try
        {
            return StateStore.Open(path);
        }
        catch (StateDamagedException exception)
        {
            string aside = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{_startedAt:yyyyMMddTHHmmss}");
            SetAside(path, aside);
            string warning =
                $"The state file {path} is damaged ({exception.InnerException?.Message}) and was set aside as {aside}. "
                + (settings.Api.Position is null
                    ? "Without a position a new backfill starts; what was delivered before is delivered again."
                    : "The run goes on from the position in the configuration file; what was delivered just before may be delivered again.");
            _warnings.Add(warning);
            _log.Error("{Warning}", warning);
            return StateStore.Open(path);
        }
    }

    private static void SetAside(string path, string aside)
    {
        try
        {
            foreach (string suffix in new[] { string.Empty, "-wal", "-shm" })
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
        SyncPlan plan = PlanOf(settings);
        var fetcher = new RenditionFetcher(client, plan, _log);
        SyncCursor cursor = await StartingPoint.FindAsync(
            state, settings.Api.Position, plan, () => ServerTimeAsync(client, cancellationToken), _log).ConfigureAwait(false);
        if (cursor.Position is string known && known != settings.Api.Position)
        {
            MirrorPosition(known); // The last run committed it but could not write the file.
        }

        if (cursor.Phase != SyncPhase.Following)
        {
            _backfilled = true;
            var backfill = new Backfill(client, fetcher, plan, _log, progress);
            cursor = await CommitAllAsync(backfill.ReadAsync(cursor, cancellationToken), cursor, cancellationToken).ConfigureAwait(false);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(settings.Api.RunTimeoutMinutes), engine.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _backfilled ? CancellationToken.None : deadline.Token);
        try
        {
            await RetryDeadLettersAsync(state, fetcher, plan, cursor, either.Token).ConfigureAwait(false);
            var changes = new Changes(client, fetcher, plan, engine.Clock, _log, progress);
            await CommitAllAsync(changes.ReadAsync(cursor, either.Token), cursor, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new PhishMeException(
                Faults.RunTimedOut,
                FormattableString.Invariant($"The run was not done within {settings.Api.RunTimeoutMinutes} minutes; what was finished is kept."),
                innerException: exception);
        }
    }

    private async Task<SyncCursor> CommitAllAsync(IAsyncEnumerable<Batch> batches, SyncCursor cursor, CancellationToken cancellationToken)
    {
        await foreach (Batch batch in batches.ConfigureAwait(false))
        {
            using (batch)
            {
                await _committer!.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
                cursor = batch.After;
                _positionAfter = cursor.Position ?? _positionAfter;
                foreach (SyslogOutbox outbox in _outputs.Select(output => output.Syslog).OfType<SyslogOutbox>().Where(outbox => outbox is { IsFilling: true, Failure: null }))
                {
                    await outbox.DrainAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return cursor;
    }

    private async Task RetryDeadLettersAsync(
        StateStore state, RenditionFetcher fetcher, SyncPlan plan, SyncCursor cursor, CancellationToken cancellationToken)
    {
        DateTimeOffset now = engine.Clock.GetUtcNow();
        var due = state.DeadLetters()
            .Where(letter => letter.DueAt <= now && letter.LastTriedAt < _startedAt && letter.Id is { } id
                && plan.Products.Contains(id.Type) && plan.Formats.Contains(letter.Format))
            .GroupBy(letter => letter.Format);
        foreach (IGrouping<OutputFormat, DeadLetter> letters in due)
        {
            var formats = new HashSet<OutputFormat> { plan.Local.Contains(letters.Key) ? OutputFormat.Json : letters.Key };
            foreach (DeadLetter[] chunk in letters.Chunk(plan.ResultsPerPage))
            {
                FetchedThreats fetched = await fetcher.FetchAsync(
                    [.. chunk.Select(letter => letter.Id!.Value)], formats, _ => false, cancellationToken).ConfigureAwait(false);
                using var batch = new Batch { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = cursor };
                await _committer!.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The server's clock: a wrong clock here must not cut a backfill short. Also proves the credentials before anything is written.</summary>
    private async Task<DateTimeOffset> ServerTimeAsync(ThreatHqClient client, CancellationToken cancellationToken)
    {
        await client.PingAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan skew = client.ClockSkew ?? TimeSpan.Zero;
        if (skew.Duration() > TimeSpan.FromMinutes(2))
        {
            string warning = string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of this machine is {skew.Duration():c} {(skew > TimeSpan.Zero ? "behind" : "ahead of")} the server's; the server's time is used. Set the clock.");
            _warnings.Add(warning);
            _log.Warning("{Warning}", warning);
        }

        return engine.Clock.GetUtcNow() + skew;
    }

    private static SyncPlan PlanOf(IntegrationSettings settings) => new()
    {
        Products = settings.Products,
        Formats = settings.Outputs.Select(output => output.Format).ToHashSet(),
        Local = settings.Outputs.Where(output => output.Source == OutputSource.Local).Select(output => output.Format).ToHashSet(),
        IsStixBundle = settings.Outputs.Any(output => output is { Format: OutputFormat.Stix, StixVersion: StixVersion.Stix21 }),
        Marking = settings.Outputs.Select(output => output.Marking).OfType<TrafficLight>().Select(MarkingOf).FirstOrDefault(),
        InitialDate = settings.Api.InitialDate,
        ResultsPerPage = settings.Api.ResultsPerPage,
        Concurrency = settings.Api.ConcurrentRequests,
        ExpiredThreatDays = settings.Api.ExpiredThreatDays,
    };

    private static TlpMarking MarkingOf(TrafficLight light) => light switch
    {
        TrafficLight.White => TlpMarking.White,
        TrafficLight.Green => TlpMarking.Green,
        TrafficLight.Amber => TlpMarking.Amber,
        _ => TlpMarking.Red,
    };

    private string UserAgent(IntegrationSettings settings) => $"PhishMe.PowerShell/{engine.Version} ({string.Join(", ", settings.ActiveOutputs)})";

    private void SaveOffset(int minutes) =>
        ConfigurationValueWriter.Write(_path, "pm_jitter", "scheduler_offset", minutes.ToString(CultureInfo.InvariantCulture), engine.Step);

    private void MirrorPosition(string position)
    {
        if (!request.DryRun)
        {
            ConfigurationValueWriter.Write(_path, "pm_api", "position", position, engine.Step);
        }
    }

    private RunSummary Failed(Exception exception, CancellationToken cancellationToken)
    {
        Fault fault = FaultOf(exception, cancellationToken);
        if (fault.Kind == Faults.Unexpected)
        {
            _log.Fatal(exception, "The run ends unforeseen");
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
        OperationCanceledException when cancellationToken.IsCancellationRequested => new Fault { Kind = Faults.Cancelled, Message = "The run was cancelled; what was finished is kept." },
        StateDamagedException damaged => new Fault { Kind = Faults.StateUnavailable, Message = damaged.Message, Where = damaged.Path },
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
        Received = _committer?.Received ?? 0,
        Withdrawn = _committer?.Withdrawn ?? 0,
        Expired = _committer?.Expired ?? 0,
        DeadLetters = _committer?.SetAside ?? 0,
        DeadLettersOpen = _deadLettersOpen,
        Healed = _committer?.Healed ?? 0,
        PositionBefore = _positionBefore,
        PositionAfter = _positionAfter,
        Outputs = [.. _outputs.Select(output => output.Summary)],
        Warnings = [.. _warnings],
    };
}
