using PhishMe.Engine.Serving.Measuring;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Readers;

/// <summary>The figures of readers for monitoring: one that stopped to ask, or does not get to the end.</summary>
internal static class ReaderFigures
{
    /// <summary>The figures; none while no reader came.</summary>
    public static IEnumerable<Figure> Of(IReadOnlyList<ReaderProgress> readers)
    {
        ArgumentNullException.ThrowIfNull(readers);
        if (readers.Count == 0)
        {
            yield break;
        }

        yield return new Figure("phishme_reader_last_poll_time_seconds", "When a reader last got an answer, in seconds since 1970.", [.. readers.Select(one => Sample(one, one.PolledAt))]);
        yield return new Figure("phishme_reader_reached_time_seconds", "The date added up to which a reader has read, or the date of the file that it has, in seconds since 1970.",
        [
            .. readers.Where(one => one.Reached is not null).Select(one => Sample(one, one.Reached!.Value)),
        ]);
        yield return new Figure("phishme_reader_at_end", "1 when there was nothing more for the reader at its last poll.",
        [
            .. readers.Select(one => new FigureSample(one.IsAtEnd ? 1 : 0) { Labels = Labels(one.Key) }),
        ]);
    }

    private static FigureSample Sample(ReaderProgress one, DateTimeOffset time) => new(time.ToUnixTimeMilliseconds() / 1000d) { Labels = Labels(one.Key) };

    private static KeyValuePair<string, string>[] Labels(ReaderKey key) =>
    [
        new("section", key.Section), new("collection", VisibleText.Of(key.Collection)), new("user", VisibleText.Of(key.User)), new("client", VisibleText.Of(key.Client)),
    ];
}
