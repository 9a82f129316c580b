namespace PhishMe.Intelligence;

/// <summary>A schedule that was registered.</summary>
public sealed record Schedule
{
    /// <summary>Name of the task or units.</summary>
    public required string Name { get; init; }

    /// <summary>What starts the integration.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>As whom it runs.</summary>
    public required ScheduleScope Scope { get; init; }

    /// <summary>Minutes from one start to the next.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>The command that is started; of cron the whole line for the crontab.</summary>
    public required string Command { get; init; }

    /// <summary>Files that were written.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether the scheduler knows it already.</summary>
    public bool Active { get; init; }

    /// <summary>What remains to be done by hand; null when nothing does.</summary>
    public string? NextStep { get; init; }
}
