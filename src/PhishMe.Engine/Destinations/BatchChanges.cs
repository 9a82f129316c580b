using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// What a batch takes away: the last known objects of withdrawn threats, and indicators that threats no longer have. An indicator that another live threat
/// carries is not taken away. All of it comes from the store; without one nothing is known.
/// </summary>
internal sealed class BatchChanges
{
    private readonly IReadOnlyDictionary<ThreatId, byte[]> _lastKnown;
    private readonly IReadOnlyDictionary<ThreatId, byte[]> _replaced;
    private readonly Dictionary<ThreatId, IReadOnlyList<Indicator>> _removed;

    private BatchChanges(
        IReadOnlyDictionary<ThreatId, byte[]> lastKnown, IReadOnlyDictionary<ThreatId, byte[]> replaced, Dictionary<ThreatId, IReadOnlyList<Indicator>> removed)
    {
        _lastKnown = lastKnown;
        _replaced = replaced;
        _removed = removed;
    }

    public static BatchChanges None { get; } = new(new Dictionary<ThreatId, byte[]>(), new Dictionary<ThreatId, byte[]>(), []);

    /// <summary>Compares a batch with the store, before it is stored.</summary>
    public static async Task<BatchChanges> OfAsync(Batch batch, IThreatArchive archive, CancellationToken cancellationToken)
    {
        var lastKnown = batch.Withdrawn.Count == 0
            ? new Dictionary<ThreatId, byte[]>()
            : await archive.GetAsync(batch.Withdrawn, cancellationToken).ConfigureAwait(false);
        (ThreatId, ContentHash)[] offered = [.. batch.Threats.Where(unit => !unit.Expired && unit.Json is not null).Select(unit => (unit.Id, unit.Json!.Value.Content))];
        var replaced = offered.Length == 0
            ? new Dictionary<ThreatId, byte[]>()
            : await archive.GetReplacedAsync(offered, cancellationToken).ConfigureAwait(false);
        if (lastKnown.Count + replaced.Count == 0)
        {
            return None;
        }

        // What the batch itself brings counts as live: an indicator may move from one threat to another.
        var gone = new Dictionary<ThreatId, IReadOnlyList<Indicator>>();
        var brought = new HashSet<IndicatorKey>();
        HashSet<ThreatId> ours = [.. batch.Withdrawn];
        foreach (var unit in batch.Threats.Where(unit => unit.Json is not null && !unit.Expired))
        {
            ours.Add(unit.Id);
            if (unit.Model is not Threat now)
            {
                continue;
            }

            HashSet<IndicatorKey> kept = [.. now.Indicators.Select(IndicatorKey.Of)];
            brought.UnionWith(kept);
            if (replaced.TryGetValue(unit.Id, out var json) && ReadThreat.Of(json).Threat is Threat before)
            {
                gone[unit.Id] = Missing(before, kept);
            }
        }

        foreach ((var id, var json) in lastKnown)
        {
            if (ReadThreat.Of(json).Threat is Threat before)
            {
                gone[id] = Missing(before, []);
            }
        }

        IndicatorKey[] all = [.. gone.Values.SelectMany(indicators => indicators).Select(IndicatorKey.Of).Distinct().Where(key => !brought.Contains(key))];
        var carried = all.Length == 0 ? new HashSet<IndicatorKey>() : await archive.GetCarriedAsync(all, ours, cancellationToken).ConfigureAwait(false);
        return new BatchChanges(
            lastKnown,
            replaced,
            gone.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<Indicator>)
            [
                .. pair.Value.Where(indicator => IndicatorKey.Of(indicator) is var key && !brought.Contains(key) && !carried.Contains(key)),
            ]));
    }

    /// <summary>The last known object of a withdrawn threat; null when it is not stored.</summary>
    public byte[]? LastKnown(ThreatId id) => _lastKnown.GetValueOrDefault(id);

    /// <summary>The version of a threat that this batch replaces with another content; null when there is none or it is not stored.</summary>
    public byte[]? Replaced(ThreatId id) => _replaced.GetValueOrDefault(id);

    /// <summary>Indicators that a threat had and that no live threat has now.</summary>
    public IReadOnlyList<Indicator> RemovedFrom(ThreatId id) => _removed.GetValueOrDefault(id, []);

    private static Indicator[] Missing(Threat before, HashSet<IndicatorKey> kept) =>
        [.. before.Indicators.Where(indicator => !kept.Contains(IndicatorKey.Of(indicator))).DistinctBy(IndicatorKey.Of)];
}
