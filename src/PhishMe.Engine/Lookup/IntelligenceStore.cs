using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>The store as the shell sees it: looks values and texts up, reads threats, counts, checks and rebuilds.</summary>
internal sealed class IntelligenceStore : IIntelligenceStore
{
    private const int PageLength = 64;

    /// <summary>Values that are looked up together.</summary>
    private const int ValuesAtOnce = 256;

    private readonly IStoreLocation _location;
    private readonly TimeProvider _clock;
    private IThreatStoreReader? _reader;
    private IndicatorFinder? _finder;

    private IntelligenceStore(IStoreLocation location, TimeProvider clock)
    {
        _location = location;
        _clock = clock;
    }

    public string Path => _location.Name;

    public bool IsShared => _location.IsShared;

    /// <exception cref="PhishMeException">The store cannot be read, is damaged, or is of another version.</exception>
    public static IntelligenceStore Open(IStoreLocation location, TimeProvider clock)
    {
        var store = new IntelligenceStore(location, clock);

        // A store that is not there yet may be made by a rebuild; everything else says that it is missing.
        if (location.Exists)
        {
            _ = store.Reader();
        }

        return store;
    }

    public IEnumerable<IndicatorMatch> Find(string value, MatchFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Finder().Find([value], filter ?? MatchFilter.Everything);
    }

    public IEnumerable<IndicatorMatch> Find(
        IEnumerable<string> values, MatchFilter? filter = null, Action<string>? notUnderstood = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);

        // Values that are at hand are looked up together. Values that still come are looked up one by one, so that none waits for the next.
        foreach (var together in values is IReadOnlyCollection<string> ? values.Chunk(ValuesAtOnce) : values.Select(value => new[] { value }))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var match in Finder().Find(together, filter ?? MatchFilter.Everything, notUnderstood))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return match;
            }
        }
    }

    public IEnumerable<IndicatorMatch> FindInFile(string path, MatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var file = InputFile.Open(path);
        foreach (var match in FindIn(file, file.Name, filter, cancellationToken))
        {
            yield return match with { Path = file.Name };
        }
    }

    public IEnumerable<IndicatorMatch> FindInText(Stream text, MatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FindIn(text, null, filter, cancellationToken);
    }

    public IEnumerable<Threat> ReadThreats(StoreQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadThreats(new ThreatConditions(query), cancellationToken);
    }

    public StoreStatistics GetStatistics(DateTimeOffset? since = null) => Reader().Count(since);

    public IEnumerable<CheckResult> Check(CancellationToken cancellationToken = default) => new StoreCheck(Reader()).Run(cancellationToken);

    public RebuildSummary Rebuild(string? from, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        // Nothing of ours may hold a read of the store that is about to be rewritten.
        Dispose();
        try
        {
            return new StoreRebuild(_location, _clock, progress).Run(from, cancellationToken);
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(Faults.StoreDamaged, $"The state file is damaged: {exception.InnerException?.Message}", Path, exception);
        }
    }

    public void Dispose()
    {
        _finder = null;
        _reader?.Dispose();
        _reader = null;
    }

    private IEnumerable<IndicatorMatch> FindIn(Stream source, string? path, MatchFilter? filter, CancellationToken cancellationToken)
    {
        using var plain = PlainText.Open(source, path);
        var search = new TextSearch(Finder(), filter ?? MatchFilter.Everything);
        foreach (var match in search.Search(plain, cancellationToken))
        {
            yield return match;
        }

        plain.ThrowIfCutOff(search.Line);
    }

    private IEnumerable<Threat> ReadThreats(ThreatConditions conditions, CancellationToken cancellationToken)
    {
        foreach (var page in Reader().ReadThreats(conditions.Stored, PageLength))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var threat in page)
            {
                if (threat.Json is not byte[] json)
                {
                    throw new PhishMeException(Faults.StoreDamaged, $"The stored JSON of {threat.Id} is damaged.", Path);
                }

                if (conditions.Accept(threat.Id, json))
                {
                    yield return WithHistory(ThreatReader.Read(json, threat.Withdrawn), threat);
                }
            }
        }
    }

    // Of a withdrawn threat nothing is removed: all of it is.
    private static Threat WithHistory(Threat threat, StoredDocument stored) =>
        stored.ReceivedAt is null && stored.Removed.Count == 0
            ? threat
            : threat with { ReceivedAt = stored.ReceivedAt, RemovedIndicators = threat.Withdrawn ? [] : stored.Removed };

    private IThreatStoreReader Reader() => _reader ??= _location.OpenReader();

    private IndicatorFinder Finder() => _finder ??= new IndicatorFinder(Reader().Index);
}
