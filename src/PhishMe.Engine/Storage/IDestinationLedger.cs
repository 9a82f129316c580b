namespace PhishMe.Engine.Storage;

/// <summary>The entries of one destination. Each call is durable when it returns.</summary>
internal interface IDestinationLedger
{
    /// <summary>The entries of these keys; keys that are not there are missing in the answer.</summary>
    Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>The entries that expire first, for renewal or eviction: those that expire before a time.</summary>
    /// <param name="before">The time; null for all, those without an end last.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken);

    /// <summary>How many there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>Adds or replaces entries and removes others, all or nothing.</summary>
    Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken);
}
