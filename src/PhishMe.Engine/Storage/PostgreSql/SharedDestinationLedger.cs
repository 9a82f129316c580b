namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The entries of one destination.</summary>
internal sealed class SharedDestinationLedger(SharedStateStore state, DestinationId destination) : IDestinationLedger
{
    public Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Entries.GetAsync(destination, keys), cancellationToken);

    public Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Entries.ExpiringAsync(destination, before, most), cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => state.ReadAsync(() => state.Entries.CountAsync(destination), cancellationToken);

    public Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken) =>
        state.ChangeAsync(() => state.Entries.UpdateAsync(destination, changed, removedKeys), cancellationToken);
}
