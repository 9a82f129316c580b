using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>The store of threats as a run reads it; it is written by <see cref="IStateTransaction"/>.</summary>
internal interface IThreatArchive : IStoredThreats
{
    /// <summary>The last known objects of threats; those that are not stored are missing in the answer.</summary>
    Task<IReadOnlyDictionary<ThreatId, byte[]>> GetAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken);

    /// <summary>The stored objects of those threats that are stored, live, and with another content.</summary>
    Task<IReadOnlyDictionary<ThreatId, byte[]>> GetReplacedAsync(
        IReadOnlyCollection<(ThreatId Id, ContentHash Content)> threats, CancellationToken cancellationToken);

    /// <summary>How live threats that are not among some others carry some indicators; what no such threat carries is missing in the answer.</summary>
    Task<IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>> GetCarriersAsync(
        IReadOnlyCollection<IndicatorKey> indicators, IReadOnlySet<ThreatId> except, CancellationToken cancellationToken);

    /// <summary>Whether every live threat that the state has seen is stored.</summary>
    Task<bool> IsCompleteAsync(CancellationToken cancellationToken);

    /// <summary>The end of a run: keys of the index are brought in order, threats last published before a time are removed and their space given back.</summary>
    /// <param name="oldest">Epoch milliseconds; null to keep all.</param>
    /// <param name="cancellationToken">Stops it between two transactions.</param>
    /// <returns>Threats removed.</returns>
    Task<int> SettleAsync(long? oldest, CancellationToken cancellationToken);
}
