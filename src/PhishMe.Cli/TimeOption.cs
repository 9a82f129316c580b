using System.CommandLine;
using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>
/// Options that take a time: ISO 8601; without an offset UTC, as in config.ini, the log and the cmdlets, so that it means the same on every machine.
/// </summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Since() => new("--since")
    {
        Description = "Only threats last published at this time or later, such as 2025-06-01 or 2025-06-01T12:00:00Z. Without an offset the time is UTC; a date is midnight UTC.",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return time;
            }

            result.AddError($"'{VisibleText.Of(text)}' is not a time. Write it like 2025-06-01 or 2025-06-01T12:00:00Z.");
            return null;
        },
    };
}
