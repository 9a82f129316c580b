using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;

namespace PhishMe.Engine.Destinations;

/// <summary>Puts the threats of a batch into the store, and keeps it within its days.</summary>
internal sealed class StoreKeeper(IStateStore state, int? retentionDays)
{
    public IThreatArchive Archive { get; } = state.Archive;

    /// <summary>Stores a batch in its transaction.</summary>
    public Task RecordAsync(IStateTransaction transaction, Batch batch, DateTimeOffset now)
    {
        // What would be removed at the end of the run is not even stored: a backfill may reach back for years.
        var oldest = Oldest(now) ?? long.MinValue;
        var time = now.ToUnixTimeMilliseconds();
        return transaction.StoreAsync(
            [
                .. batch.Threats.Select(unit => unit.Prepared).OfType<PreparedThreat>()
                    .Where(threat => (threat.LastPublished ?? threat.FirstPublished ?? time) >= oldest),
            ],
            batch.Withdrawn,
            now);
    }

    /// <summary>The end of a run: keys are brought in order; what is older than the days of data_retention_days is removed, and its space given back.</summary>
    /// <returns>Threats removed.</returns>
    public Task<int> SettleAsync(DateTimeOffset now, CancellationToken cancellationToken) => Archive.SettleAsync(Oldest(now), cancellationToken);

    private long? Oldest(DateTimeOffset now) => retentionDays is int days ? now.AddDays(-days).ToUnixTimeMilliseconds() : null;
}
