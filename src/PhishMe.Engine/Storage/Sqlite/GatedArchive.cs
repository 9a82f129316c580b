using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The store of threats as a run reads it, one task at a time.</summary>
internal sealed class GatedArchive(StateStore state) : IThreatArchive
{
    /// <summary>Threats removed by one transaction, so that neither memory nor the write-ahead log grows with what is removed.</summary>
    private const int PurgedAtOnce = 200;

    public Task<IReadOnlyDictionary<ThreatId, byte[]>> GetAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken)
    {
        var archive = state.OpenArchive();
        return state.ReadAsync<IReadOnlyDictionary<ThreatId, byte[]>>(
            () =>
            {
                var known = new Dictionary<ThreatId, byte[]>();
                foreach (var id in ids)
                {
                    if (archive.Json(id) is byte[] json)
                    {
                        known[id] = json;
                    }
                }

                return known;
            },
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<ThreatId, byte[]>> GetReplacedAsync(
        IReadOnlyCollection<(ThreatId Id, ContentHash Content)> threats, CancellationToken cancellationToken)
    {
        var archive = state.OpenArchive();
        return state.ReadAsync<IReadOnlyDictionary<ThreatId, byte[]>>(
            () =>
            {
                var replaced = new Dictionary<ThreatId, byte[]>();
                foreach ((var id, var content) in threats)
                {
                    if (archive.HasOther(id, content) && archive.Json(id) is byte[] json)
                    {
                        replaced[id] = json;
                    }
                }

                return replaced;
            },
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>> GetCarriersAsync(
        IReadOnlyCollection<IndicatorKey> indicators, IReadOnlySet<ThreatId> except, CancellationToken cancellationToken)
    {
        var archive = state.OpenArchive();
        return state.ReadAsync<IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>>(
            () =>
            {
                var carriers = new Dictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>();
                foreach (var indicator in indicators)
                {
                    if (archive.Carriers(indicator, except) is { Count: > 0 } found)
                    {
                        carriers[indicator] = found;
                    }
                }

                return carriers;
            },
            cancellationToken);
    }

    public Task<bool> IsCompleteAsync(CancellationToken cancellationToken) => state.ReadAsync(
        () => state.Session.Command(
            """
            SELECT NOT EXISTS (SELECT 1 FROM threat WHERE withdrawn_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM stored_threat WHERE stored_threat.type = threat.type AND stored_threat.number = threat.number))
            """).ExecuteScalar() is 1L,
        cancellationToken);

    public Task<StoredThreatPage> ReadAsync(long after, int most, CancellationToken cancellationToken)
    {
        var archive = state.OpenArchive();
        return state.ReadAsync(() => archive.Read(after, most), cancellationToken);
    }

    public async Task<int> SettleAsync(long? oldest, CancellationToken cancellationToken)
    {
        var archive = state.OpenArchive();
        if (await state.ReadAsync(() => archive.HasNewKeys, cancellationToken).ConfigureAwait(false))
        {
            await ChangeAsync(
                () =>
                {
                    archive.MoveKeys();
                    return 0;
                },
                cancellationToken).ConfigureAwait(false);
        }

        var purged = 0;
        if (oldest is long time)
        {
            int removed;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                removed = await ChangeAsync(() => archive.Purge(time, PurgedAtOnce), cancellationToken).ConfigureAwait(false);
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

    private async Task<int> ChangeAsync(Func<int> change, CancellationToken cancellationToken)
    {
        using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
        var result = state.Run(change);
        await transaction.CommitAsync().ConfigureAwait(false);
        return result;
    }
}
