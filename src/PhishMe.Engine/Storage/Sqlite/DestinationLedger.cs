namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The entries of one destination.</summary>
internal sealed class DestinationLedger(StateStore state, DestinationId destination) : IDestinationLedger
{
    public Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Entries.Get(destination, keys), cancellationToken);

    public Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Entries.Expiring(destination, before, most), cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => state.ReadAsync(() => state.Entries.Count(destination), cancellationToken);

    public async Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken)
    {
        using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
        state.Run(() =>
        {
            state.Entries.Update(destination, changed, removedKeys);
            return 0;
        });
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
