using System.Globalization;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>Words that several pages use.</summary>
internal static class PageText
{
    /// <summary>A length of time in its largest unit, rounded down: <c>12 minutes</c>.</summary>
    public static string Of(TimeSpan length) => length switch
    {
        { TotalMinutes: < 1 } => "less than a minute",
        { TotalMinutes: < 120 } => Count((long)length.TotalMinutes, "minute"),
        { TotalHours: < 48 } => Count((long)length.TotalHours, "hour"),
        _ => Count((long)length.TotalDays, "day"),
    };

    /// <summary>A number with its noun.</summary>
    public static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? string.Empty : "s")}");
}
