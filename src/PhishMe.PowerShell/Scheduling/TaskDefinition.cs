using System.Globalization;
using System.Xml.Linq;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Writes the XML of a task of the Windows Task Scheduler.</summary>
internal static class TaskDefinition
{
    private const string LocalSystem = "S-1-5-18";
    private static readonly XNamespace Space = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    /// <summary>The XML, as <c>schtasks /Create /XML</c> takes it.</summary>
    /// <param name="run">What is started, and how often.</param>
    /// <param name="scope">As whom.</param>
    /// <param name="user">Account of the user who registers it; of no effect for the system.</param>
    /// <returns>The document.</returns>
    public static XDocument Of(ScheduledRun run, ScheduleScope scope, string user) => new(
        new XDeclaration("1.0", "UTF-16", null),
        new XElement(Space + "Task", new XAttribute("version", "1.2"),
            new XElement(Space + "RegistrationInfo",
                new XElement(Space + "Description", $"PhishMe Intelligence integration of {run.ConfigurationPath}"),
                new XElement(Space + "URI", $"\\{run.Name}")),
            new XElement(Space + "Triggers",
                new XElement(Space + "TimeTrigger",
                    new XElement(Space + "Repetition", new XElement(Space + "Interval", Minutes(run.IntervalMinutes))),
                    // Any time in the past: the first run comes within one interval.
                    new XElement(Space + "StartBoundary", "2024-01-01T00:00:00"),
                    new XElement(Space + "Enabled", true))),
            new XElement(Space + "Principals",
                new XElement(Space + "Principal", new XAttribute("id", "Author"),
                    scope == ScheduleScope.System
                        ? new XElement(Space + "UserId", LocalSystem)
                        // S4U: runs whether the user is logged on or not, and no password is kept.
                        : (object[])[new XElement(Space + "UserId", user), new XElement(Space + "LogonType", "S4U")],
                    new XElement(Space + "RunLevel", "LeastPrivilege"))),
            new XElement(Space + "Settings",
                new XElement(Space + "MultipleInstancesPolicy", "IgnoreNew"),
                new XElement(Space + "DisallowStartIfOnBatteries", false),
                new XElement(Space + "StopIfGoingOnBatteries", false),
                new XElement(Space + "StartWhenAvailable", true),
                new XElement(Space + "RunOnlyIfNetworkAvailable", true),
                new XElement(Space + "Enabled", true),
                new XElement(Space + "ExecutionTimeLimit", Minutes(run.LimitMinutes))),
            new XElement(Space + "Actions", new XAttribute("Context", "Author"),
                new XElement(Space + "Exec",
                    new XElement(Space + "Command", run.Program),
                    new XElement(Space + "Arguments", run.ArgumentLine),
                    new XElement(Space + "WorkingDirectory", Path.GetDirectoryName(run.ConfigurationPath))))));

    private static string Minutes(int minutes) => string.Create(CultureInfo.InvariantCulture, $"PT{minutes}M");
}
