using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Writes a service and its timer for systemd.</summary>
internal static class SystemdUnits
{
    /// <summary>Where systemd looks for units.</summary>
    public static string Folder(ScheduleScope scope) => scope == ScheduleScope.System
        ? "/etc/systemd/system"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } configured
                ? configured
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
            "systemd", "user");

    /// <summary>The service. Another run that holds the lock, and threats set aside for later, are no failure of the unit.</summary>
    public static string Service(ScheduledRun run) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=PhishMe Intelligence integration of {SystemdText.Specifiers(run.ConfigurationPath)}
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=oneshot
        WorkingDirectory={SystemdText.Specifiers(Path.GetDirectoryName(run.ConfigurationPath)!)}
        ExecStart={ExecStart(run)}
        TimeoutStartSec={run.LimitMinutes}min
        SuccessExitStatus={(int)ExitCode.Locked} {(int)ExitCode.DoneWithDeadLetters}

        """).ReplaceLineEndings("\n");

    /// <summary>The timer. A service that still runs is not started a second time.</summary>
    public static string Timer(ScheduledRun run) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=Runs {run.Name}.service every {run.IntervalMinutes} minutes

        [Timer]
        OnBootSec=1min
        OnUnitActiveSec={run.IntervalMinutes}min
        AccuracySec=10s

        [Install]
        WantedBy=timers.target

        """).ReplaceLineEndings("\n");

    private static string ExecStart(ScheduledRun run) =>
        string.Join(' ', [SystemdText.Quoted(run.Program), .. run.Arguments.Select((word, i) => run.NeedsQuotes(i) ? SystemdText.Quoted(word) : word)]);
}
