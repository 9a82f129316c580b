using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;
using Serilog.Core;

namespace PhishMe.Engine.Running;

/// <summary>What a run has to say for itself: its log, its warnings, and the one summary.</summary>
internal sealed class RunReport(EngineSettings engine, RunRequest request)
{
    private readonly List<string> _warnings = [];
    private bool _isUnwritable;

    public string RunId { get; } = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12];

    public DateTimeOffset StartedAt { get; } = engine.Clock.GetUtcNow();

    /// <summary>The configuration file.</summary>
    public string Path { get; set; } = request.ConfigurationPath;

    public ILogger Log { get; set; } = Logger.None;

    public SecretMask Mask { get; private set; } = SecretMask.None;

    /// <summary>Why lines are missing in the log; null when none are.</summary>
    public Func<string?> LogProblem { get; set; } = () => null;

    /// <summary>HTTP requests so far.</summary>
    public Func<int> Requests { get; set; } = () => 0;

    /// <summary>How fast the API was asked; null when it was not.</summary>
    public Func<RequestPace?> Pace { get; set; } = () => null;

    /// <summary>Words of the API that were met and are not known.</summary>
    public UnknownBlockTypes? UnknownTypes { get; set; }

    public BatchCommitter? Committer { get; set; }

    public IReadOnlyList<OpenDestination> Destinations { get; set; } = [];

    public bool Backfilled { get; set; }

    public string? PositionBefore { get; private set; }

    public string? PositionAfter { get; set; }

    public int DeadLettersOpen { get; set; }

    /// <summary>Warnings of the configuration and of the run.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public int SetAside => (Committer?.SetAside ?? 0) + Destinations.Sum(destination => destination.Queue?.Rejected ?? 0);

    /// <summary>What the configuration says counts from now on.</summary>
    public void Begin(ConfigurationReading reading)
    {
        Mask = reading.Settings is IntegrationSettings settings ? new SecretMask(settings) : Mask;
        _warnings.Clear();
        _isUnwritable = false;
        _warnings.AddRange(reading.Findings.Where(finding => finding.Severity != FindingSeverity.Information).Select(finding => finding.ToString()));
        PositionBefore = PositionAfter = reading.Settings?.Api.Position;
    }

    /// <summary>Config.ini only shows what the state knows: that it is open in an editor or read-only stops no run. A full disk does.</summary>
    /// <returns>Whether it shows the value.</returns>
    public bool TryWriteValue(string section, string key, string value)
    {
        if (_isUnwritable)
        {
            return false;
        }

        try
        {
            ConfigurationValueWriter.Write(Path, section, key, value, new PatientFiles(engine.Clock, engine.Files), engine.Step);
            return true;
        }
        catch (PhishMeException exception) when (exception.InnerException is HeldFileException or UnauthorizedAccessException)
        {
            _isUnwritable = true; // Said once; the next run tries again.
            Warn($"{exception.Fault.Message} ({Path}). The state file holds the position, and the run goes on.");
            return false;
        }
    }

    public void Warn(string warning)
    {
        _warnings.Add(warning);
        Log.Error("{Warning}", warning);
    }

    /// <summary>A warning that is no fault of anything here.</summary>
    public void Note(string warning)
    {
        _warnings.Add(warning);
        Log.Warning("{Warning}", warning);
    }

    /// <summary>The summary of a run that failed.</summary>
    public RunSummary Failed(Exception exception, CancellationToken cancellationToken)
    {
        var fault = Mask.Hide(FaultOf(exception, cancellationToken));
        if (fault.Kind == Faults.Unexpected)
        {
            Log.Fatal(exception, "The run ends with an unexpected error");
        }
        else if (fault.Kind == Faults.RunLocked)
        {
            // Another host has the state: the usual end of a run that several hosts are scheduled for.
            Log.Information("{Fault}", fault.ToString());
        }
        else
        {
            Log.Error("{Fault}", fault.ToString());
        }

        return Summarize(fault.Kind.ExitCode, fault);
    }

    public RunSummary Summarize(ExitCode exitCode, Fault? fault) => new()
    {
        RunId = RunId,
        ConfigurationPath = Path,
        StartedAt = StartedAt,
        EndedAt = engine.Clock.GetUtcNow(),
        ExitCode = exitCode,
        Fault = fault,
        DryRun = request.DryRun,
        Backfill = Backfilled,
        Requests = Requests(),
        Pace = Pace(),
        Received = Committer?.Received ?? 0,
        Withdrawn = Committer?.Withdrawn ?? 0,
        Expired = Committer?.Expired ?? 0,
        DeadLetters = SetAside,
        DeadLettersOpen = DeadLettersOpen,
        Healed = Committer?.Healed ?? 0,
        PositionBefore = PositionBefore,
        PositionAfter = PositionAfter,
        Outputs = [.. Destinations.Where(destination => destination.Settings.Output is not null).GroupBy(destination => destination.Settings.Output!).Select(OutputOf)],
        Destinations = [.. Destinations.Select(SummaryOf)],
        Warnings = [.. _warnings.Concat([LogProblem(), UnknownTypes?.Warning]).OfType<string>().Select(Mask.Hide)],
    };

    /// <summary>Files and syslog of one section are one output, as they always were.</summary>
    private static OutputSummary OutputOf(IGrouping<OutputSettings, OpenDestination> output)
    {
        DestinationSummary[] parts = [.. output.Select(destination => destination.Summary)];
        return new OutputSummary
        {
            Output = output.Key.Section,
            Format = output.Key.Format,
            Threats = parts.Max(part => part.Delivered),
            Withdrawn = parts.Max(part => part.Withdrawn),
            Unchanged = parts.Min(part => part.Unchanged),
            FilesWritten = parts.Sum(part => part.FilesWritten),
            FilesRemoved = parts.Sum(part => part.FilesRemoved),
            BytesAppended = parts.Sum(part => part.BytesAppended),
        };
    }

    private static DestinationSummary SummaryOf(OpenDestination destination)
    {
        var queue = destination.Queue;
        return destination.Summary with
        {
            Kinds = queue is null
                ? destination.Summary.Kinds
                : [.. destination.Summary.Kinds.Select(kind => kind with { Rejected = queue.RejectedKinds.GetValueOrDefault(kind.Kind) })],
            Sent = queue?.Sent ?? 0,
            Rejected = queue?.Rejected ?? 0,
            Waiting = destination.Waiting,
            Dropped = queue?.Dropped ?? 0,
            CatchingUp = destination.State.CatchUp is CatchUp catchUp ? CatchUpText.Of(catchUp) : null,
            Failure = queue?.Failure?.ToString() ?? destination.Failure?.ToString(),
        };
    }

    private static Fault FaultOf(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        PhishMeException known => known.Fault,
        ApiException api => api.ToFault().Fault,
        OperationCanceledException when cancellationToken.IsCancellationRequested =>
            new Fault { Kind = Faults.Cancelled, Message = "The run was cancelled; finished work is kept." },
        StateDamagedException damaged => new Fault
        {
            Kind = Faults.StateUnavailable,
            Message = $"{damaged.Message} {damaged.InnerException?.Message}",
            Where = damaged.Path,
        },
        System.Data.Common.DbException database => new Fault { Kind = Faults.StateUnavailable, Message = database.Message },
        _ => new Fault { Kind = Faults.Unexpected, Message = $"{exception.GetType().Name}: {exception.Message}" },
    };
}
