using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>
/// The store while it is rebuilt, all in one transaction: readers see the old store until <see cref="Commit"/>; disposed before that, the old store
/// stays as it was. Every failure of the store is a <see cref="PhishMeException"/> or a <see cref="StateDamagedException"/>.
/// </summary>
internal interface IThreatStoreRebuild : IDisposable
{
    /// <summary>Removes all threats and their index.</summary>
    void Clear();

    /// <summary>Removes the index and keeps the threats.</summary>
    void ClearIndex();

    /// <summary>How many threats are stored.</summary>
    long Count();

    /// <summary>Reads stored threats.</summary>
    /// <param name="after">The key read last; <see cref="long.MinValue"/> at the beginning.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>The store's own key and the JSON, null when damaged; fewer than <paramref name="most"/> at the end.</returns>
    IReadOnlyList<(long Key, byte[]? Json)> Read(long after, int most);

    /// <summary>Indexes a stored threat.</summary>
    void Index(long key, PreparedThreat threat);

    /// <summary>Stores a threat, or replaces it.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="now">Epoch milliseconds of our clock.</param>
    /// <param name="withdrawnAt">Epoch milliseconds; null when it was not withdrawn.</param>
    void Put(PreparedThreat threat, long now, long? withdrawnAt = null);

    /// <summary>Whether a threat is stored.</summary>
    bool Has(ThreatId id);

    /// <summary>Marks a threat as withdrawn.</summary>
    void Withdraw(ThreatId id, long now);

    /// <summary>Completes the index, commits, and gives space back.</summary>
    /// <returns>How many threats are stored, and how many of them are withdrawn.</returns>
    (long Threats, long Withdrawn) Commit();
}
