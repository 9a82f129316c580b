using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>The ledger of one destination, for tests of senders alone. Whole runs use the one in the state file.</summary>
internal sealed class MemoryLedger : IDestinationLedger
{
    public SortedDictionary<string, LedgerEntry> Entries { get; } = new(StringComparer.Ordinal);

    public Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, LedgerEntry>>(keys.Where(Entries.ContainsKey).ToDictionary(key => key, key => Entries[key]));

    public Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LedgerEntry>>([.. Entries.Values.Where(entry => before is null || entry.ExpiresAt < before).OrderBy(entry => entry.ExpiresAt ?? DateTimeOffset.MaxValue).Take(most)]);

    public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult((long)Entries.Count);

    public Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken)
    {
        foreach (var entry in changed)
        {
            Entries[entry.Key] = entry;
        }

        foreach (var key in removedKeys)
        {
            Entries.Remove(key);
        }

        return Task.CompletedTask;
    }
}
