using System.Globalization;
using System.Text;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// Which threats the newest batch touches, on the disk before a file is. With a state file the next run repeats a batch that was not committed; with a shared
/// one another host may have gone on, and what that batch wrote here would stay. The number of the newest batch that was committed is in the state.
/// </summary>
internal sealed class BatchJournal
{
    /// <summary>The last line: without it the journal itself was not finished, and no file was touched.</summary>
    private const string End = ".";

    private readonly string _path;
    private long _number;

    private BatchJournal(string path, long number, IReadOnlyList<(ThreatId Id, long? FirstPublished)> interrupted)
    {
        _path = path;
        _number = number;
        Interrupted = interrupted;
    }

    /// <summary>The threats of a batch that was begun and not committed, with their first publication (epoch milliseconds); empty when there was no such batch.</summary>
    public IReadOnlyList<(ThreatId Id, long? FirstPublished)> Interrupted { get; private set; }

    /// <summary>What the transaction of the next batch records.</summary>
    public AppendLength Next => new(_path, _number + 1);

    /// <summary>Reads what the last run left.</summary>
    /// <param name="path">The journal; made with the first batch.</param>
    /// <param name="committed">The number that the state has; null when it has none.</param>
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    public static BatchJournal Open(string path, long? committed)
    {
        try
        {
            var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
            var number = 0L;
            var isWhole = lines.Length >= 2 && lines[^1] == End && long.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out number);
            return new BatchJournal(
                path, Math.Max(isWhole ? number : 0, committed ?? 0), isWhole && number > (committed ?? 0) ? [.. lines[1..^1].Select(Read)] : []);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The journal of the files cannot be read: {exception.Message}", path, exception);
        }
    }

    /// <summary>Notes a batch, before its first file is touched.</summary>
    /// <exception cref="PhishMeException">It cannot be written.</exception>
    public void Begin(IEnumerable<(ThreatId Id, long? FirstPublished)> threats)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{_number + 1}\n");
        foreach (var (id, firstPublished) in threats)
        {
            text.Append(CultureInfo.InvariantCulture, $"{id} {firstPublished}\n");
        }

        try
        {
            using var file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read);
            file.Write(Encoding.ASCII.GetBytes($"{text}{End}\n"));
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The journal of the files cannot be written: {exception.Message}", _path, exception);
        }

        _number++;
    }

    /// <summary>What was interrupted is put right as soon as the state has this number.</summary>
    public AppendLength Settle()
    {
        Interrupted = [];
        return new AppendLength(_path, _number);
    }

    private static (ThreatId Id, long? FirstPublished) Read(string line)
    {
        var parts = line.Split(' ');
        return (ThreatId.Parse(parts[0]), parts[1].Length == 0 ? null : long.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
