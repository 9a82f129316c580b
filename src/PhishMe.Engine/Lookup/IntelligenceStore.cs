using PhishMe.Engine.Storage;
using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>The store behind its port: opens the file, and turns errors of the database into faults wherever they show up.</summary>
internal sealed class IntelligenceStore : IIntelligenceStore
{
    private readonly TimeProvider _clock;
    private SqliteConnection? _connection;
    private IndicatorFinder? _finder;

    private IntelligenceStore(string path, TimeProvider clock)
    {
        Path = path;
        _clock = clock;
    }

    public string Path { get; }

    /// <exception cref="PhishMeException">There is no such file, it cannot be read, is damaged, or is of another version.</exception>
    public static IntelligenceStore Open(string path, TimeProvider clock)
    {
        var store = new IntelligenceStore(System.IO.Path.GetFullPath(path), clock);

        // A file that is not there yet may be made by a rebuild; everything else says that it is missing.
        if (File.Exists(store.Path))
        {
            store.Connect();
        }

        return store;
    }

    public IEnumerable<IndicatorMatch> Find(string value, MatchFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Guard(() => Finder().Find(value, filter ?? MatchFilter.Everything));
    }

    public IEnumerable<IndicatorMatch> Find(IEnumerable<string> values, MatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var match in Find(value, filter))
            {
                yield return match;
            }
        }
    }

    public IEnumerable<IndicatorMatch> FindInFile(string path, MatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var text = InputFile.Open(path);
        foreach (var match in FindInText(text, filter, cancellationToken))
        {
            yield return match with { Path = text.Name };
        }
    }

    public IEnumerable<IndicatorMatch> FindInText(Stream text, MatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Guard(() => new TextSearch(Finder(), filter ?? MatchFilter.Everything).Search(text, cancellationToken));
    }

    public IEnumerable<Threat> ReadThreats(StoreQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var conditions = new ThreatConditions(query);
        return Guard(() => new StoredThreatReader(Connect()).Read(conditions, cancellationToken));
    }

    public StoreStatistics GetStatistics(DateTimeOffset? since = null) => Guarded(() => StoreStatisticsReader.Read(Connect(), Path, since));

    public IEnumerable<CheckResult> Check(CancellationToken cancellationToken = default) => Guard(() => new StoreCheck(Connect()).Run(cancellationToken));

    public RebuildSummary Rebuild(string? from, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        // Nothing of ours may hold a read of the file that is about to be rewritten.
        Dispose();
        return Guarded(() => new StoreRebuild(Path, _clock, progress).Run(from, cancellationToken));
    }

    public void Dispose()
    {
        _finder?.Dispose();
        _finder = null;
        _connection?.Dispose();
        _connection = null;
    }

    private SqliteConnection Connect() => _connection ??= StoreConnection.Open(Path);

    private IndicatorFinder Finder() => _finder ??= new IndicatorFinder(Connect());

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, Path);
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(Faults.StoreDamaged, $"The state file is damaged: {exception.InnerException?.Message}", Path, exception);
        }
    }

    private IEnumerable<T> Guard<T>(Func<IEnumerable<T>> work)
    {
        using var results = Guarded(() => work().GetEnumerator());
        while (Guarded(results.MoveNext))
        {
            yield return results.Current;
        }
    }
}
