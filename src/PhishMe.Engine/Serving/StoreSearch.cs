using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>Searches the store for a person who writes whatever is at hand: an indicator, an id, a family, a brand, a subject.</summary>
/// <param name="engine">The engine.</param>
/// <param name="configurationPath">Path of the configuration file.</param>
internal sealed class StoreSearch(IIntelligenceEngine engine, string configurationPath)
{
    /// <summary>Rows of each sort at most.</summary>
    public const int Most = 100;

    /// <summary>Characters of a search at most.</summary>
    public const int LongestWords = 500;

    /// <summary>Searches.</summary>
    /// <exception cref="PhishMeException">There is no store, or it cannot be read.</exception>
    public SearchResult Search(string words, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(words);
        words = words.Trim();
        if (words.Length is 0 or > LongestWords)
        {
            return new SearchResult();
        }

        using var store = engine.OpenConfiguredStore(configurationPath);
        if (ThreatId.TryParse(words, null, out var id))
        {
            return new SearchResult { Threats = [.. Read(store, new StoreQuery { Ids = [id], IncludeWithdrawn = true }, cancellationToken)] };
        }

        IndicatorMatch[] matches = [.. store.Find([words], new MatchFilter { IncludeWithdrawn = true }, notUnderstood: null, cancellationToken).Take(Most + 1)];
        Threat[] threats =
        [
            .. Read(store, new StoreQuery { Families = [Literal(words)] }, cancellationToken)
                .Concat(Read(store, new StoreQuery { Brands = [Literal(words)] }, cancellationToken))
                .DistinctBy(threat => threat.Id)
                .OrderByDescending(threat => threat.LastPublished),
        ];
        return new SearchResult
        {
            Threats = [.. threats.Take(Most)],
            Matches = [.. matches.Take(Most)],
            IsCut = threats.Length > Most || matches.Length > Most,
        };
    }

    /// <summary>Reads one threat; null when the store does not have it.</summary>
    /// <exception cref="PhishMeException">There is no store, or it cannot be read.</exception>
    public Threat? Find(ThreatId id, CancellationToken cancellationToken)
    {
        using var store = engine.OpenConfiguredStore(configurationPath);
        return Read(store, new StoreQuery { Ids = [id], IncludeWithdrawn = true }, cancellationToken).FirstOrDefault();
    }

    private static IEnumerable<Threat> Read(IIntelligenceStore store, StoreQuery query, CancellationToken cancellationToken) =>
        store.ReadThreats(query, cancellationToken).Take(Most + 1);

    // A search box knows no wildcards: '*' would read the whole store.
    private static string Literal(string words) => words.Replace("*", string.Empty, StringComparison.Ordinal).Replace("?", string.Empty, StringComparison.Ordinal);
}
