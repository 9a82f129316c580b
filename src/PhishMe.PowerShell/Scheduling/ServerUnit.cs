using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Writes a systemd service for phishme-server.</summary>
internal static class ServerUnit
{
    /// <summary>
    /// The service. It may read and write nothing that serving does not need: the folder of the configuration stays writable, because SQLite shares memory
    /// with a run by files beside the state file.
    /// </summary>
    /// <param name="program">Full path of phishme-server.</param>
    /// <param name="configuration">Full path of the configuration file.</param>
    /// <param name="scope">As whom it runs.</param>
    public static string Of(string program, string configuration, ScheduleScope scope) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=PhishMe Intelligence server of {SystemdText.Specifiers(configuration)}
        Wants=network-online.target
        After=network-online.target

        [Service]
        WorkingDirectory={SystemdText.Specifiers(Path.GetDirectoryName(configuration)!)}
        ExecStart={SystemdText.Quoted(program)} -conf {SystemdText.Quoted(configuration)}
        Restart=on-failure
        RestartSec=10
        RestartPreventExitStatus={(int)ExitCode.Usage} {(int)ExitCode.Configuration}
        NoNewPrivileges=yes
        PrivateTmp=yes
        ProtectSystem=full
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        LimitNOFILE=8192

        [Install]
        WantedBy={(scope == ScheduleScope.System ? "multi-user.target" : "default.target")}

        """).ReplaceLineEndings("\n");
}
