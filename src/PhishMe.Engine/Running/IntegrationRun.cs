using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Running.Measuring;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog;
using Serilog.Core;

namespace PhishMe.Engine.Running;

/// <summary>
/// One config.ini-driven run from the file to the summary: configuration, jitter, lock, log, then the session that does the work. Whatever happens,
/// exactly one summary comes out.
/// </summary>
internal sealed class IntegrationRun(EngineSettings engine, RunRequest request, IProgress<RunProgress>? progress)
{
    private readonly RunReport _report = new(engine, request);
    private IntegrationSettings? _settings;

    public async Task<RunSummary> RunAsync(CancellationToken cancellationToken)
    {
        var summary = await RunToEndAsync(cancellationToken).ConfigureAwait(false);

        // The run that holds the lock has its own.
        var problems = _settings is null || request.DryRun || summary.ExitCode == ExitCode.Locked
            ? []
            : await new RunMonitoring(engine).ReportAsync(_settings, summary, cancellationToken).ConfigureAwait(false);
        return problems.Count == 0 ? summary : summary with { Warnings = [.. summary.Warnings, .. problems] };
    }

    private async Task<RunSummary> RunToEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            _report.Path = Path.GetFullPath(request.ConfigurationPath);
            var isRestored = !request.DryRun && ConfigurationValueWriter.Restore(_report.Path);
            var settings = Configure();
            if (!request.DryRun)
            {
                await Jitter.WaitAsync(settings, SaveOffset, engine.Clock, progress, cancellationToken).ConfigureAwait(false);
            }

            using var held = request.DryRun ? null : TakeLock(settings);
            engine.Step?.Invoke("lock-taken");

            // While this one slept or waited, another run may have moved the position: only what stands there now is a person's word.
            settings = Configure();
            using var log = request.DryRun ? new LoggerConfiguration().CreateLogger() : OpenLog(settings, held!);
            _report.Log = log;
            if (isRestored)
            {
                _report.Warn($"{_report.Path} was missing: the last run ended while it replaced the file. The copy it had made was put back.");
            }

            return await RunLockedAsync(settings, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return _report.Failed(exception, cancellationToken);
        }
        finally
        {
            _report.Log = Logger.None;
        }
    }

    private IntegrationSettings Configure()
    {
        var reading = ConfigurationReader.Read(
            _report.Path, engine.Reading);
        _report.Begin(reading);
        return _settings = reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
    }

    private RunLock TakeLock(IntegrationSettings settings) =>
        RunLock.TryTake(settings.LockFile, _report.RunId, _report.StartedAt)
        ?? throw new PhishMeException(Faults.RunLocked, "Another run is under way.", settings.LockFile);

    private Logger OpenLog(IntegrationSettings settings, RunLock held)
    {
        var log = RunLog.Open(settings.Log, _report.RunId, _report.Mask, engine.Files, engine.HostLog, out var problem);
        _report.LogProblem = problem;
        log.Information("Run starts: {Path}, process {Process}, version {Version}", _report.Path, Environment.ProcessId, engine.Version);
        foreach (var warning in _report.Warnings)
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
            settings.Api, settings.Proxy, $"PhishMe.PowerShell/{engine.Version} ({string.Join(", ", settings.ActiveOutputs)})", engine.Timings, engine.Clock, _report.Log, engine.Step);
        _report.Requests = () => client.Requests;
        _report.Pace = () => client.Pace is { } pace
            ? new RequestPace
            {
                InFlight = Math.Max(1, (int)pace.InFlight),
                PerSecond = pace.PerSecond is double rate ? Math.Round(rate, 1) : null,
                Refused = client.Refused,
            }
            : null;
        var recovery = new StateRecovery(engine, _report, request.DryRun);
        try
        {
            return await RunWithAsync(settings, recovery.Open(settings), client, stateWasLost: false, cancellationToken).ConfigureAwait(false);
        }
        catch (StateDamagedException exception) when (!request.DryRun)
        {
            // The position may have moved before the damage was met.
            settings = settings with { Api = settings.Api with { Position = _report.PositionAfter } };
            return await RunWithAsync(settings, recovery.Rebuild(settings, exception), client, stateWasLost: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="StateDamagedException">Once: the state has to be rebuilt.</exception>
    private async Task<RunSummary> RunWithAsync(
        IntegrationSettings settings, IStateStore opened, ThreatHqClient client, bool stateWasLost, CancellationToken cancellationToken)
    {
        using var state = opened;
        var session = new RunSession(engine, request, settings, state, client, _report, progress, stateWasLost);
        await using (session.ConfigureAwait(false))
        {
            return await session.RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void SaveOffset(int minutes) => _report.TryWriteValue("pm_jitter", "scheduler_offset", minutes.ToString(CultureInfo.InvariantCulture));
}
