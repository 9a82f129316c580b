using System.Xml.Linq;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Scheduling;

namespace PhishMe.PowerShell.Tests;

/// <summary>What the schedulers receive, and what each makes of a path full of characters that mean something to it.</summary>
public sealed class ScheduleTests
{
    private static readonly ScheduledRun Run = new()
    {
        Name = "phishme",
        Program = "/opt/my pwsh/pwsh",
        Module = "PhishMe",
        ConfigurationPath = "/etc/soc's 100%/$a/config.ini",
        IntervalMinutes = 15,
        LimitMinutes = 14,
    };

    [Fact]
    public void The_script_stops_without_the_module_and_exits_with_the_code_of_the_run() =>
        Assert.Equal(
            "Import-Module 'PhishMe' -ErrorAction Stop; exit [int](Invoke-PhishMeIntegration -ConfigPath '/etc/soc''s 100%/$a/config.ini').ExitCode",
            Run.Arguments[^1]);

    [Fact]
    public void A_unit_doubles_specifiers_and_variables()
    {
        var service = SystemdUnits.Service(Run);
        Assert.Contains("ExecStart=\"/opt/my pwsh/pwsh\" -NoProfile -NonInteractive -Command \"Import-Module", service, StringComparison.Ordinal);
        Assert.Contains("'/etc/soc''s 100%%/$$a/config.ini'", service, StringComparison.Ordinal);
        Assert.Contains("WorkingDirectory=/etc/soc's 100%%/$a\n", service, StringComparison.Ordinal);
        Assert.Contains("TimeoutStartSec=14min\n", service, StringComparison.Ordinal);
        Assert.Contains("SuccessExitStatus=11 15\n", service, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', service);
    }

    [Fact]
    public void A_timer_counts_from_one_start_to_the_next() =>
        Assert.Contains("OnUnitActiveSec=15min\n", SystemdUnits.Timer(Run), StringComparison.Ordinal);

    [Fact]
    public void A_line_of_a_crontab_escapes_quotes_and_percent()
    {
        var line = CrontabLine.Of(Run);
        Assert.StartsWith("*/15 * * * * '/opt/my pwsh/pwsh' -NoProfile -NonInteractive -Command 'Import-Module '\\''PhishMe'\\''", line, StringComparison.Ordinal);
        Assert.Contains("100\\%/", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "*/5 * * * * ")]
    [InlineData(60, "0 */1 * * * ")]
    [InlineData(240, "0 */4 * * * ")]
    [InlineData(1440, "0 0 * * * ")]
    public void Cron_takes_divisors_of_an_hour_and_of_a_day(int minutes, string beginning) =>
        Assert.StartsWith(beginning, CrontabLine.Of(Run with { IntervalMinutes = minutes }), StringComparison.Ordinal);

    [Theory]
    [InlineData(7)]
    [InlineData(90)]
    [InlineData(300)]
    public void Cron_refuses_an_interval_it_would_not_keep(int minutes)
    {
        var refused = Assert.Throws<PhishMeException>(() => CrontabLine.Of(Run with { IntervalMinutes = minutes }));
        Assert.Equal(Faults.SettingInvalid, refused.Fault.Kind);
    }

    [Theory]
    [InlineData(ScheduleScope.User, "DOMAIN\\analyst", "S4U")]
    [InlineData(ScheduleScope.System, "S-1-5-18", null)]
    public void A_task_ignores_a_second_start_and_ends_after_its_limit(ScheduleScope scope, string user, string? logon)
    {
        var task = TaskDefinition.Of(Run, scope, "DOMAIN\\analyst").Root!;
        Assert.Equal("IgnoreNew", Value(task, "MultipleInstancesPolicy"));
        Assert.Equal("PT14M", Value(task, "ExecutionTimeLimit"));
        Assert.Equal("PT15M", Value(task, "Interval"));
        Assert.Equal(user, Value(task, "UserId"));
        Assert.Equal(logon, Value(task, "LogonType"));
        Assert.Equal($"-NoProfile -NonInteractive -Command \"{Run.Arguments[^1]}\"", Value(task, "Arguments"));
    }

    [Fact]
    public void Phishme_runs_without_PowerShell()
    {
        var run = Run with { Program = @"C:\Program Files\PhishMe\phishme.exe", Module = null, ConfigurationPath = @"C:\PhishMe\my config.ini" };

        var task = TaskDefinition.Of(run, ScheduleScope.System, string.Empty).Root!;

        Assert.Equal(@"C:\Program Files\PhishMe\phishme.exe", Value(task, "Command"));
        Assert.Equal("sync -conf \"C:\\PhishMe\\my config.ini\"", Value(task, "Arguments"));
        Assert.Contains("' sync -conf '", CrontabLine.Of(run), StringComparison.Ordinal);
        Assert.Contains("\" sync -conf \"", SystemdUnits.Service(run), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_of_dotnet_and_pwsh_dll_is_scheduled_as_such()
    {
        var home = Directory.CreateTempSubdirectory("phishme test ");
        try
        {
            var assembly = Path.Combine(home.FullName, "pwsh.dll");
            File.WriteAllText(assembly, string.Empty);
            var shell = ScheduledShell.Of(home.FullName, "/usr/share/dotnet/dotnet");

            var run = Run with { Program = shell.Program, ProgramArguments = shell.Arguments };

            Assert.StartsWith($"*/15 * * * * '/usr/share/dotnet/dotnet' exec '{assembly}' -NoProfile -NonInteractive -Command '", CrontabLine.Of(run), StringComparison.Ordinal);
            Assert.Contains($"ExecStart=\"/usr/share/dotnet/dotnet\" exec \"{assembly}\" -NoProfile ", SystemdUnits.Service(run), StringComparison.Ordinal);
            Assert.StartsWith($"exec \"{assembly}\" -NoProfile ", Value(TaskDefinition.Of(run, ScheduleScope.System, string.Empty).Root!, "Arguments"), StringComparison.Ordinal);
            Assert.Equal(["exec", assembly, "-Version"], run.VersionArguments);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_program_that_hosts_PowerShell_has_no_pwsh_to_schedule()
    {
        var home = Directory.CreateTempSubdirectory("phishme-test-");
        try
        {
            var refused = Assert.Throws<PhishMeException>(() => ScheduledShell.Of(home.FullName, "/opt/editor/editor"));

            Assert.Equal(Faults.ScheduleRefused, refused.Fault.Kind);
            Assert.Contains("-ProgramPath", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_task_scheduler_is_the_one_of_the_system() =>
        Assert.Equal(Environment.SystemDirectory, Path.GetDirectoryName(SystemProgram.TaskScheduler) ?? string.Empty);

    private static string? Value(XElement task, string name) => task.Descendants().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
}
