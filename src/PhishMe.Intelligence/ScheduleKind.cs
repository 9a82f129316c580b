namespace PhishMe.Intelligence;

/// <summary>What starts an integration again and again.</summary>
public enum ScheduleKind
{
    /// <summary>A task of the Windows Task Scheduler.</summary>
    ScheduledTask,

    /// <summary>A systemd service with a timer.</summary>
    Systemd,

    /// <summary>A line of a crontab.</summary>
    Cron,
}
