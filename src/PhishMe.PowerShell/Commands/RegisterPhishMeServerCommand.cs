using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Scheduling;

namespace PhishMe.PowerShell.Commands;

/// <summary>Makes the operating system run phishme-server: as a systemd service, or as a Windows service.</summary>
[Cmdlet(VerbsLifecycle.Register, "PhishMeServer", SupportsShouldProcess = true)]
[OutputType(typeof(ServerService))]
public sealed class RegisterPhishMeServerCommand : PhishMeCmdlet
{
    private const string SystemCtl = "systemctl";
    private const string Server = "phishme-server";

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Path of phishme-server or phishme-server.exe. Default: the one that PATH finds. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProgramPath { get; set; }

    /// <summary>Name of the service: letters, digits, hyphen and underscore.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    public string Name { get; set; } = Server;

    /// <summary>What keeps it running. Default: WindowsService on Windows, otherwise Systemd.</summary>
    [Parameter]
    public ServerServiceKind Kind { get; set; }

    /// <summary>The account that it runs as: User, or System, which is the default in an elevated session. A Windows service runs as LocalService.</summary>
    [Parameter]
    public ScheduleScope Scope { get; set; }

    /// <summary>Folder for the unit file instead of the one that systemd uses. Nothing is activated then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UnitPath { get; set; }

    /// <summary>Replace an existing unit of this name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var path = ResolveFile(ConfigPath);
            if (!File.Exists(path))
            {
                throw new PhishMeException(Faults.ConfigurationNotFound, "The configuration file does not exist.", path);
            }

            var kind = MyInvocation.BoundParameters.ContainsKey(nameof(Kind)) ? Kind
                : OperatingSystem.IsWindows() ? ServerServiceKind.WindowsService : ServerServiceKind.Systemd;
            var service = kind == ServerServiceKind.WindowsService ? RegisterService(path, Program()) : RegisterUnit(path, Program());
            if (service is not null)
            {
                WriteObject(service);
            }
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }

    private string Program()
    {
        var path = ProgramPath is not null ? ResolveFile(ProgramPath)
            : InvokeCommand.GetCommand(Server, CommandTypes.Application) is ApplicationInfo found ? found.Path
            : throw new PhishMeException(Faults.ServerNotFound, $"PATH has no {Server}. Name it with -ProgramPath.", Server);
        return File.Exists(path) ? path : throw new PhishMeException(Faults.ServerNotFound, "There is no program of this name.", path);
    }

    private ServerService? RegisterService(string configuration, string program)
    {
        var command = $"\"{program}\" -conf \"{configuration}\" --service";
        string[] create = ["create", Name, "binPath=", command, "start=", "delayed-auto", "obj=", "NT AUTHORITY\\LocalService", "DisplayName=", "PhishMe Intelligence server"];
        string[] restart = ["failure", Name, "reset=", "86400", "actions=", "restart/10000/restart/60000/restart/60000"];
        var plan = $"sc.exe {string.Join(' ', create)}; sc.exe {string.Join(' ', restart)}; sc.exe start {Name}";
        if (!ShouldProcess(plan, $"Register the service?\n{plan}", Name))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows())
        {
            throw new PhishMeException(Faults.ScheduleRefused, "This system has no Windows services. Use -Kind Systemd.");
        }

        foreach (var call in (string[][])[create, restart, ["start", Name]])
        {
            EnsureTaken(SystemProgram.Run(SystemProgram.ServiceControl, call), Name);
        }

        return Registered(configuration, command, ServerServiceKind.WindowsService, ScheduleScope.System) with
        {
            Active = true,
            NextStep = "Give NT AUTHORITY\\LocalService the right to read the configuration, its secrets and the certificate, and to change the folder of the state file.",
        };
    }

    private ServerService? RegisterUnit(string configuration, string program)
    {
        var scope = MyInvocation.BoundParameters.ContainsKey(nameof(Scope))
            ? Scope
            : Environment.IsPrivilegedProcess ? ScheduleScope.System : ScheduleScope.User;
        var folder = UnitPath is null ? SystemdUnits.Folder(scope) : ResolveFile(UnitPath, Faults.PathInvalid);
        var file = Path.Combine(folder, Name + ".service");
        var text = ServerUnit.Of(program, configuration, scope);
        string[] user = scope == ScheduleScope.User ? ["--user"] : [];
        string[][] calls = [[.. user, "daemon-reload"], [.. user, "enable", "--now", Name + ".service"]];
        var activates = UnitPath is null && SystemProgram.Exists(SystemCtl);
        var byHand = string.Join("; ", calls.Select(call => $"{SystemCtl} {string.Join(' ', call)}"));
        var plan = $"write {file}:\n{text}{(activates ? $"\n{byHand}" : string.Empty)}";
        if (!ShouldProcess(plan, $"Register the service?\n{plan}", folder))
        {
            return null;
        }

        Write(folder, file, text);
        var service = Registered(configuration, $"{program} -conf {configuration}", ServerServiceKind.Systemd, scope) with { Files = new[] { file } };
        if (!activates)
        {
            return service with { NextStep = UnitPath is null ? byHand : $"Copy the file to {SystemdUnits.Folder(scope)}; {byHand}" };
        }

        foreach (var call in calls)
        {
            EnsureTaken(SystemProgram.Run(SystemCtl, call), folder);
        }

        return service with { Active = true, NextStep = scope == ScheduleScope.User ? "loginctl enable-linger, to serve while you are logged off" : null };
    }

    private ServerService Registered(string configuration, string command, ServerServiceKind kind, ScheduleScope scope) =>
        new() { Name = Name, Kind = kind, Scope = scope, ConfigurationPath = configuration, Command = command };

    private static void EnsureTaken(string? failure, string where)
    {
        if (failure is not null)
        {
            throw new PhishMeException(Faults.ScheduleRefused, $"The system refused the service: {failure}", where);
        }
    }

    private void Write(string folder, string file, string text)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(file) && !Force)
            {
                throw new PhishMeException(Faults.FileExists, "A unit of this name already exists.", file);
            }

            File.WriteAllText(file, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.FileUnwritable, $"The unit file cannot be written: {exception.Message}", folder, exception);
        }
    }
}
