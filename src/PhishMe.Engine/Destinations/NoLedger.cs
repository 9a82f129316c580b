using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations;

/// <summary>The ledger of a destination that is only looked at: empty, and it stays so.</summary>
internal sealed class NoLedger : IDestinationLedger
{
    public Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, LedgerEntry>>(new Dictionary<string, LedgerEntry>());

    public Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LedgerEntry>>([]);

    public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    public Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
