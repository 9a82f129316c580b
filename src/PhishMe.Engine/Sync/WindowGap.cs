using System.Globalization;
using System.Text.RegularExpressions;

namespace PhishMe.Engine.Sync;

/// <summary>A few minutes of a backfill whose CEF the API could not serve. As text it is the subject of its dead letter.</summary>
internal sealed partial record WindowGap(DateTimeOffset Begin, DateTimeOffset End)
{
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <returns>Null when the text is something else.</returns>
    public static WindowGap? Parse(string subject)
    {
        var match = Pattern().Match(subject);
        return match.Success
            && TryParseTime(match.Groups["begin"].ValueSpan, out var begin)
            && TryParseTime(match.Groups["end"].ValueSpan, out var end)
            ? new WindowGap(begin, end)
            : null;
    }

    /// <summary>A time in UTC as both kinds of gaps write it, to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture);

    public static bool TryParseTime(ReadOnlySpan<char> text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    public override string ToString() => $"CEF from {Format(Begin)} to {Format(End)}";

    [GeneratedRegex(@"^CEF from (?<begin>\S+) to (?<end>\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
