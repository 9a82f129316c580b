using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>Puts the threats of a batch into the store and keeps it within its days.</summary>
internal sealed class ThreatStoring(StateStore state, ThreatArchive archive, int? retentionDays)
{
    /// <summary>Threats removed by one transaction, so that neither memory nor the write-ahead log grows with what is removed.</summary>
    private const int PurgedAtOnce = 200;

    /// <summary>Null when [local_sqlite] use is off.</summary>
    public static ThreatStoring? For(StateStore state, StateSettings settings, bool dryRun) =>
        settings.KeepThreats && !dryRun ? new ThreatStoring(state, state.OpenArchive(), settings.RetentionDays) : null;

    /// <summary>Writes a batch; the transaction of the batch is open.</summary>
    public void Record(Batch batch, DateTimeOffset now)
    {
        var time = now.ToUnixTimeMilliseconds();
        var oldest = Oldest(now) ?? long.MinValue;
        state.Run(() =>
        {
            foreach (var unit in batch.Threats)
            {
                // What would be removed at the end of the run is not even taken in: a backfill may reach back for years.
                if (unit.Prepared is PreparedThreat threat && (threat.LastPublished ?? threat.FirstPublished ?? time) >= oldest)
                {
                    archive.Put(threat, time);
                }
            }

            foreach (var id in batch.Withdrawn)
            {
                archive.Withdraw(id, time);
            }

            return 0;
        });
    }

    /// <summary>The last known object of a threat; null when it is not stored.</summary>
    public byte[]? LastKnown(ThreatId id) => state.Run(() => archive.Json(id));

    /// <summary>The end of a run: keys are brought in order; what is older than the days of data_retention_days is removed, and its space given back.</summary>
    /// <returns>Threats removed.</returns>
    public int Settle(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (state.Run(() => archive.HasNewKeys))
        {
            using var transaction = state.Begin();
            state.Run(() =>
            {
                archive.MoveKeys();
                return 0;
            });
            transaction.Commit();
        }

        var purged = 0;
        if (Oldest(now) is long oldest)
        {
            int removed;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var transaction = state.Begin();
                removed = state.Run(() => archive.Purge(oldest, PurgedAtOnce));
                transaction.Commit();
                purged += removed;
            }
            while (removed == PurgedAtOnce);
        }

        if (purged > 0)
        {
            state.ShrinkFile();
        }

        return purged;
    }

    private long? Oldest(DateTimeOffset now) => retentionDays is int days ? now.AddDays(-days).ToUnixTimeMilliseconds() : null;
}
