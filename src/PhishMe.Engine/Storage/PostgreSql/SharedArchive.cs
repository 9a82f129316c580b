using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The store of threats as a run reads it.</summary>
internal sealed class SharedArchive(SharedStateStore state) : IThreatArchive
{
    /// <summary>Threats removed by one transaction.</summary>
    private const int PurgedAtOnce = 200;

    public Task<IReadOnlyDictionary<ThreatId, byte[]>> GetAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        state.ReadAsync<IReadOnlyDictionary<ThreatId, byte[]>>(async () => await state.Threats.JsonAsync(ids).ConfigureAwait(false), cancellationToken);

    public Task<IReadOnlyDictionary<ThreatId, byte[]>> GetReplacedAsync(
        IReadOnlyCollection<(ThreatId Id, ContentHash Content)> threats, CancellationToken cancellationToken) =>
        state.ReadAsync<IReadOnlyDictionary<ThreatId, byte[]>>(
            async () => await state.Threats.JsonAsync(await state.Threats.ReplacedAsync(threats).ConfigureAwait(false)).ConfigureAwait(false), cancellationToken);

    public Task<IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>> GetCarriersAsync(
        IReadOnlyCollection<IndicatorKey> indicators, IReadOnlySet<ThreatId> except, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Threats.CarriersAsync(indicators, except), cancellationToken);

    public Task<bool> IsCompleteAsync(CancellationToken cancellationToken) => state.ReadAsync(
        async () => await state.Session.ScalarAsync(
            """
            SELECT NOT EXISTS (SELECT 1 FROM threat WHERE withdrawn_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM stored_threat WHERE stored_threat.type = threat.type AND stored_threat.number = threat.number))
            """).ConfigureAwait(false) is true,
        cancellationToken);

    public Task<StoredThreatPage> ReadAsync(long after, int most, CancellationToken cancellationToken) =>
        state.ReadAsync(() => state.Threats.ReadAsync(after, most), cancellationToken);

    /// <summary>The keys are in order at any time; rows that were removed are the server's to tidy (autovacuum).</summary>
    public async Task<int> SettleAsync(long? oldest, CancellationToken cancellationToken)
    {
        var purged = 0;
        if (oldest is long time)
        {
            int removed;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                removed = 0;
                await state.ChangeAsync(async () => removed = await state.Threats.PurgeAsync(time, PurgedAtOnce).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                purged += removed;
            }
            while (removed == PurgedAtOnce);
        }

        return purged;
    }
}
