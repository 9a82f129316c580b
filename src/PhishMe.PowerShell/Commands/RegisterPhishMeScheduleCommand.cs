using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Scheduling;

namespace PhishMe.PowerShell.Commands;

/// <summary>Schedules an integration with Task Scheduler, systemd or cron.</summary>
[Cmdlet(VerbsLifecycle.Register, "PhishMeSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(Schedule))]
public sealed class RegisterPhishMeScheduleCommand : PhishMeCmdlet
{
    private const string SystemCtl = "systemctl";

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Name of the task or units: letters, digits, hyphen and underscore.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    public string Name { get; set; } = "phishme";

    /// <summary>Minutes between two runs; the vendor asks for at least 15.</summary>
    [Parameter]
    [ValidateRange(5, 1440)]
    public int IntervalMinutes { get; set; } = 15;

    /// <summary>Minutes after which the scheduler ends a run. The next run continues a backfill that was ended.</summary>
    [Parameter]
    [ValidateRange(1, 1440)]
    public int TimeLimitMinutes { get; set; } = 14;

    /// <summary>The scheduler. Default: ScheduledTask on Windows, Systemd if systemctl exists, otherwise Cron.</summary>
    [Parameter]
    public ScheduleKind Kind { get; set; }

    /// <summary>The account that it runs as: User, or System, which is the default in an elevated session.</summary>
    [Parameter]
    public ScheduleScope Scope { get; set; }

    /// <summary>Path of phishme or phishme.exe, which is run instead of PowerShell and this module. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProgramPath { get; set; }

    /// <summary>Folder for the unit files instead of the one that systemd uses. Nothing is activated then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UnitPath { get; set; }

    /// <summary>Replace an existing schedule of this name.</summary>
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

            var scope = MyInvocation.BoundParameters.ContainsKey(nameof(Scope))
                ? Scope
                : Environment.IsPrivilegedProcess ? ScheduleScope.System : ScheduleScope.User;
            var shell = ProgramPath is null ? ScheduledShell.Of(ShellFolder(), Environment.ProcessPath) : new ScheduledShell(Existing(ProgramPath), []);
            ScheduledRun run = new()
            {
                Name = Name,
                Program = shell.Program,
                ProgramArguments = shell.Arguments,
                Module = ProgramPath is null ? ModuleName(scope) : null,
                ConfigurationPath = path,
                IntervalMinutes = IntervalMinutes,
                LimitMinutes = TimeLimitMinutes,
            };
            var kind = MyInvocation.BoundParameters.ContainsKey(nameof(Kind)) ? Kind : UsualKind();
            var schedule = kind switch
            {
                ScheduleKind.ScheduledTask => RegisterTask(run, scope),
                ScheduleKind.Systemd => RegisterUnits(run, scope),
                _ => ShowLine(run, scope),
            };
            if (schedule is not null)
            {
                WriteObject(schedule);
            }
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }

    private static Schedule Registered(ScheduledRun run, ScheduleKind kind, ScheduleScope scope, string command) => new()
    {
        Name = run.Name,
        Kind = kind,
        Scope = scope,
        IntervalMinutes = run.IntervalMinutes,
        ConfigurationPath = run.ConfigurationPath,
        Command = command,
    };

    private static void EnsureTaken(string? failure, string where)
    {
        if (failure is not null)
        {
            throw new PhishMeException(Faults.ScheduleRefused, $"The scheduler refused the schedule: {failure}", where);
        }
    }

    private ScheduleKind UsualKind() =>
        OperatingSystem.IsWindows() ? ScheduleKind.ScheduledTask
        : UnitPath is not null || (OperatingSystem.IsLinux() && SystemProgram.Exists(SystemCtl)) ? ScheduleKind.Systemd
        : ScheduleKind.Cron;

    private string ShellFolder() => (string)SessionState.PSVariable.GetValue("PSHOME");

    private string Existing(string program)
    {
        var path = ResolveFile(program);
        return File.Exists(path) ? path : throw new PhishMeException(Faults.PathInvalid, "There is no program of this name.", path);
    }

    // By name where that works, so that an update of the module does not leave the schedule with the old version. The system does not look into the
    // folders of a user: for it only those count that all users have.
    private string ModuleName(ScheduleScope scope)
    {
        const string Name = "PhishMe";
        var folder = MyInvocation.MyCommand.Module?.ModuleBase ?? Path.GetDirectoryName(typeof(PhishMeCmdlet).Assembly.Location)!;
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var known = ModuleFolders(scope)
            .Any(root => folder.StartsWith(
                Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar + Name + Path.DirectorySeparatorChar, comparison));
        return known ? Name : Path.Combine(folder, Name + ".psd1");
    }

    private IEnumerable<string> ModuleFolders(ScheduleScope scope) => scope switch
    {
        ScheduleScope.User => (Environment.GetEnvironmentVariable("PSModulePath") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        _ =>
        [
            Path.Combine(ShellFolder(), "Modules"),
            OperatingSystem.IsWindows()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PowerShell", "Modules")
                : "/usr/local/share/powershell/Modules",
        ],
    };

    private Schedule? RegisterTask(ScheduledRun run, ScheduleScope scope)
    {
        var definition = TaskDefinition.Of(run, scope, $"{Environment.UserDomainName}\\{Environment.UserName}");
        var text = $"{definition.Declaration}\n{definition}";
        if (!ShouldDo(run, $"schtasks /Create /TN {run.Name} /XML with\n{text}", $"task {run.Name}"))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows())
        {
            throw new PhishMeException(Faults.ScheduleRefused, "This system has no Task Scheduler. Use -Kind Systemd or -Kind Cron.");
        }

        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.xml");
        try
        {
            File.WriteAllText(file, text, System.Text.Encoding.Unicode);
            EnsureTaken(
                Force
                    ? SystemProgram.Run(SystemProgram.TaskScheduler, "/Create", "/TN", run.Name, "/XML", file, "/F")
                    : SystemProgram.Run(SystemProgram.TaskScheduler, "/Create", "/TN", run.Name, "/XML", file),
                run.Name);
        }
        finally
        {
            File.Delete(file);
        }

        return Registered(run, ScheduleKind.ScheduledTask, scope, run.CommandLine) with { Active = true };
    }

    private Schedule? RegisterUnits(ScheduledRun run, ScheduleScope scope)
    {
        var folder = UnitPath is null ? SystemdUnits.Folder(scope) : ResolveFile(UnitPath, Faults.PathInvalid);
        (string Path, string Text)[] files =
        [
            (Path.Combine(folder, run.Name + ".service"), SystemdUnits.Service(run)),
            (Path.Combine(folder, run.Name + ".timer"), SystemdUnits.Timer(run)),
        ];
        string[] user = scope == ScheduleScope.User ? ["--user"] : [];
        string[][] calls = [[.. user, "daemon-reload"], [.. user, "enable", "--now", run.Name + ".timer"]];
        var activates = UnitPath is null && SystemProgram.Exists(SystemCtl);
        var byHand = string.Join("; ", calls.Select(call => $"{SystemCtl} {string.Join(' ', call)}"));
        var plan = string.Join('\n', files.Select(file => $"write {file.Path}:\n{file.Text}")) + (activates ? $"\n{byHand}" : string.Empty);
        if (!ShouldDo(run, plan, folder))
        {
            return null;
        }

        Write(folder, files);
        var schedule = Registered(run, ScheduleKind.Systemd, scope, run.CommandLine) with
        {
            // An array: PowerShell cannot index what the compiler makes of a collection expression.
            Files = files.Select(file => file.Path).ToArray(),
        };
        if (!activates)
        {
            return schedule with { NextStep = UnitPath is null ? byHand : $"Copy the files to {SystemdUnits.Folder(scope)}; {byHand}" };
        }

        foreach (var call in calls)
        {
            EnsureTaken(SystemProgram.Run(SystemCtl, call), folder);
        }

        return schedule with
        {
            Active = true,
            NextStep = scope == ScheduleScope.User ? "loginctl enable-linger, to run while you are logged off" : null,
        };
    }

    private Schedule? ShowLine(ScheduledRun run, ScheduleScope scope)
    {
        var line = CrontabLine.Of(run);
        return ShouldDo(run, $"make the line\n{line}", "crontab")
            ? Registered(run, ScheduleKind.Cron, scope, line) with { NextStep = "Add the line in Command with crontab -e." }
            : null;
    }

    // A scheduler takes a program that does not exist or does not run, and no one would see it fail.
    private bool ShouldDo(ScheduledRun run, string plan, string target)
    {
        if (!ShouldProcess(plan, $"Register the schedule?\n{plan}", target))
        {
            return false;
        }

        if (SystemProgram.RunAsScheduled(run.Program, run.VersionArguments) is string failure)
        {
            throw new PhishMeException(
                Faults.ScheduleRefused, $"The program does not run, so it was not scheduled: {failure}. Name another one with -ProgramPath.", run.Program);
        }

        return true;
    }

    private void Write(string folder, (string Path, string Text)[] files)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach ((var path, var text) in files)
            {
                if (File.Exists(path) && !Force)
                {
                    throw new PhishMeException(Faults.FileExists, "A unit of this name already exists.", path);
                }

                File.WriteAllText(path, text);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.FileUnwritable, $"The unit files cannot be written: {exception.Message}", folder, exception);
        }
    }
}
