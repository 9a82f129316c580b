using System.Text.Json;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Whether a new file of reports takes something away that a reader keeps who looks for new ids and newer times only: a report that is gone, or one that
/// changed without a newer time.
/// </summary>
internal static class ReportLoss
{
    private const string Start = "{\"id\":\"";

    /// <summary>Compares two files whose reports are ordered by id, with one on each line.</summary>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public static bool IsBetween(string before, string after)
    {
        using var old = File.OpenText(before);
        using var current = File.OpenText(after);
        var report = Next(current);
        for (var known = Next(old); known is not null; known = Next(old))
        {
            while (report is not null && string.CompareOrdinal(IdOf(report), IdOf(known)) < 0)
            {
                report = Next(current);
            }

            if (report is null || IdOf(report) != IdOf(known) || (report != known && !IsNewer(report, known)))
            {
                return true;
            }
        }

        return false;
    }

    private static string? Next(StreamReader reader)
    {
        var line = reader.ReadLine();
        while (line is not null && !line.StartsWith(Start, StringComparison.Ordinal))
        {
            line = reader.ReadLine();
        }

        return line?.TrimEnd(',');
    }

    private static string IdOf(string report) => report[Start.Length..report.IndexOf('"', Start.Length)];

    private static bool IsNewer(string report, string known) => TimeOf(report) > TimeOf(known);

    /// <summary>A line that someone changed by hand is older than any other.</summary>
    private static long TimeOf(string report)
    {
        try
        {
            using var json = JsonDocument.Parse(report);
            return json.RootElement.GetProperty("timestamp").GetInt64();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return long.MinValue;
        }
    }
}
