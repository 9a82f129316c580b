using System.Globalization;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Times of TAXII: RFC 3339 in UTC. Dates added have six digits, of which the last three are zero.</summary>
internal static class TaxiiTime
{
    private static readonly string[] _forms =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd",
    ];

    /// <summary>A date added.</summary>
    public static string Text(long added) =>
        DateTimeOffset.FromUnixTimeMilliseconds(added).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a time; one without a zone is UTC, and digits beyond what a time can hold are cut off.</summary>
    /// <returns>Epoch milliseconds, rounded down; null when it is no time.</returns>
    public static long? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // In a query, a plus that was not escaped arrives as a blank.
        var written = text.Trim().Replace(' ', '+').ToUpperInvariant();
        var point = written.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            var end = point + 1;
            while (end < written.Length && char.IsAsciiDigit(written[end]))
            {
                end++;
            }

            written = string.Concat(written.AsSpan(0, Math.Min(end, point + 8)), written.AsSpan(end));
        }

        return DateTimeOffset.TryParseExact(
            written, _forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : null;
    }
}
