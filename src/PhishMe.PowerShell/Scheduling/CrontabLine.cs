using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Writes a line of a crontab.</summary>
internal static class CrontabLine
{
    private const int Hour = 60;
    private const int Day = 24 * Hour;

    /// <summary>The line.</summary>
    /// <exception cref="PhishMeException">Cron cannot tell that interval.</exception>
    public static string Of(ScheduledRun run)
    {
        var when = run.IntervalMinutes switch
        {
            var minutes when minutes < Hour && Hour % minutes == 0 => $"*/{minutes} * * * *",
            Day => "0 0 * * *",
            var minutes when minutes % Hour == 0 && Day % minutes == 0 => $"0 */{minutes / Hour} * * *",
            _ => throw new PhishMeException(
                Faults.SettingInvalid,
                string.Create(CultureInfo.InvariantCulture, $"Cron cannot run every {run.IntervalMinutes} minutes. Use minutes that divide an hour, or hours that divide a day.")),
        };

        // crontab(5): % ends the command unless escaped.
        var command = string.Join(' ', [Quoted(run.Program), .. run.Arguments.Select((word, i) => run.NeedsQuotes(i) ? Quoted(word) : word)]);
        return $"{when} {command.Replace("%", "\\%", StringComparison.Ordinal)}";
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
