using System.CommandLine;
using System.Globalization;

namespace PhishMe.Cli;

/// <summary>Options that take a time: ISO 8601, UTC where no offset is given, so that they mean the same on every machine.</summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Since() => new("--since")
    {
        Description = "Threats published last at this time or later, such as 2025-06-01 or 2025-06-01T12:00:00Z.",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return time;
            }

            result.AddError($"'{text}' is no time; write one such as 2025-06-01 or 2025-06-01T12:00:00Z.");
            return null;
        },
    };
}
