using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>
/// The stored threats as look-ups, searches, statistics and checks read them. It sees what running syncs commit and holds nothing open between two
/// calls. Used by one thread at a time. Every failure of the store is a <see cref="PhishMeException"/>.
/// </summary>
internal interface IThreatStoreReader : IDisposable
{
    /// <summary>The index of all indicators.</summary>
    IIndicatorIndex Index { get; }

    /// <summary>Reads threats in the order in which they were stored first.</summary>
    /// <param name="conditions">Which.</param>
    /// <param name="most">Threats per page; neither memory nor a read transaction grows with the number of pages.</param>
    /// <returns>The pages.</returns>
    IEnumerable<IReadOnlyList<StoredDocument>> ReadThreats(StoredThreatConditions conditions, int most);

    /// <summary>Counts what the store holds.</summary>
    /// <param name="since">Threats published last at this time or later; null for all.</param>
    /// <returns>The counts.</returns>
    StoreStatistics Count(DateTimeOffset? since);

    /// <summary>Looks at the store's own structure.</summary>
    /// <returns>What is damaged, in the words of the database; empty when nothing is.</returns>
    IReadOnlyList<string> FindDamage();

    /// <summary>Reads every stored threat with its entries in the index.</summary>
    /// <returns>The threats, in the order in which they were stored first.</returns>
    IEnumerable<IndexedThreat> ReadIndex();

    /// <summary>Counts entries of the index without a threat, without an indicator or without a key.</summary>
    /// <returns>How many there are; 0 in a store that is in order.</returns>
    long CountStrayEntries();
}
