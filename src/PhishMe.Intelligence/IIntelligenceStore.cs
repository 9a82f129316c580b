namespace PhishMe.Intelligence;

/// <summary>
/// The threats and indicators in a state file or in a database that hosts share, without the API. It sees what running syncs commit. Used by one thread at a time; results are
/// produced as they are asked for. Failures are <see cref="PhishMeException"/>.
/// </summary>
public interface IIntelligenceStore : IDisposable
{
    /// <summary>Full path of the state file; of a shared state what names server and database.</summary>
    string Path { get; }

    /// <summary>Whether it is in a database that hosts share. Then each call is a way to the server and back: values are looked up many at once.</summary>
    bool IsShared { get; }

    /// <summary>Looks up one value: domain, address, network, URL, e-mail address, hash, subject; defanged or not.</summary>
    /// <param name="value">The value.</param>
    /// <param name="filter">Which matches count; null for all that were not withdrawn.</param>
    /// <returns>The matches, most precise first; each indicator once.</returns>
    IEnumerable<IndicatorMatch> Find(string value, MatchFilter? filter = null);

    /// <summary>Looks up many values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="filter">Which matches count; null for all that were not withdrawn.</param>
    /// <param name="notUnderstood">
    /// Called with each value that is neither domain, address, network, URL, e-mail address nor hash and matched no subject: "not in the store" would say
    /// more than is known. May be null.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The matches, in the order of the values.</returns>
    IEnumerable<IndicatorMatch> Find(
        IEnumerable<string> values, MatchFilter? filter = null, Action<string>? notUnderstood = null, CancellationToken cancellationToken = default);

    /// <summary>Looks up everything in a text that may be an indicator: URLs, domains, addresses, hashes, e-mail addresses.</summary>
    /// <param name="path">The file; UTF-8 or UTF-16, lines of any length, also compressed with gzip.</param>
    /// <param name="filter">Which matches count; null for all that were not withdrawn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The matches with their line numbers, in the order of the text.</returns>
    IEnumerable<IndicatorMatch> FindInFile(string path, MatchFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>The same for a text that comes from elsewhere.</summary>
    /// <param name="text">The text; it is read forward only and left open.</param>
    /// <param name="filter">Which matches count; null for all that were not withdrawn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The matches with their line numbers, in the order of the text.</returns>
    IEnumerable<IndicatorMatch> FindInText(Stream text, MatchFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Reads stored threats, in the order in which they were stored first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The threats.</returns>
    IEnumerable<Threat> ReadThreats(StoreQuery query, CancellationToken cancellationToken = default);

    /// <summary>Counts what the store holds.</summary>
    /// <param name="since">Threats published last at this time or later; null for all.</param>
    /// <returns>The counts.</returns>
    StoreStatistics GetStatistics(DateTimeOffset? since = null);

    /// <summary>Checks the file, every stored threat and the index.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One result per check.</returns>
    IEnumerable<CheckResult> Check(CancellationToken cancellationToken = default);

    /// <summary>
    /// Rebuilds the store in one transaction: until it is done the old one is seen, and when it fails the old one stays.
    /// </summary>
    /// <param name="from">A folder of per-threat JSON files, an append file of JSON, or null to build the index from the threats already stored.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What the store holds now.</returns>
    RebuildSummary Rebuild(string? from, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default);
}
