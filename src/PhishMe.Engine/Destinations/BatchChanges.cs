using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// What a batch takes away: the last known objects of withdrawn threats, and indicators that threats no longer have. An indicator that another live threat
/// carries is not taken away. All this comes from the store; without it nothing is known.
/// </summary>
internal sealed class BatchChanges
{
    private readonly IReadOnlyDictionary<ThreatId, byte[]> _lastKnown;
    private readonly IReadOnlyDictionary<ThreatId, byte[]> _replaced;
    private readonly Dictionary<ThreatId, Threat> _lastModels = [];
    private readonly Dictionary<ThreatId, IReadOnlyList<Indicator>> _withdrawn = [];
    private readonly Dictionary<ThreatId, ThreatChange> _changes = [];

    private BatchChanges(IReadOnlyDictionary<ThreatId, byte[]> lastKnown, IReadOnlyDictionary<ThreatId, byte[]> replaced)
    {
        _lastKnown = lastKnown;
        _replaced = replaced;
    }

    /// <summary>How other live threats carry what the batch takes away or makes less of.</summary>
    public IndicatorCarriers Carriers { get; private set; } = IndicatorCarriers.None;

    public static BatchChanges None { get; } = new(new Dictionary<ThreatId, byte[]>(), new Dictionary<ThreatId, byte[]>());

    /// <summary>Compares a batch with the store, before it is stored.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="archive">The store.</param>
    /// <param name="receivedAt">When the batch was received: the newer of two versions whose dates did not move has this time.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<BatchChanges> OfAsync(Batch batch, IThreatArchive archive, DateTimeOffset receivedAt, CancellationToken cancellationToken)
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

        var found = new BatchChanges(lastKnown, replaced);
        found.Compare(batch, receivedAt);
        await found.LeaveOutCarriedAsync(batch, archive, cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>The last known object of a withdrawn threat; null when it is not stored.</summary>
    public byte[]? LastKnown(ThreatId id) => _lastKnown.GetValueOrDefault(id);

    /// <summary>The version of a threat that this batch replaces with another content; null when it replaces no version, or that version is not stored.</summary>
    public byte[]? Replaced(ThreatId id) => _replaced.GetValueOrDefault(id);

    /// <summary>The last known model of a withdrawn threat, marked as withdrawn; null when it is not stored or cannot be read.</summary>
    public Threat? LastModel(ThreatId id) => _lastModels.GetValueOrDefault(id);

    /// <summary>The new version of a threat beside the stored one; null when the store has no other version.</summary>
    public ThreatChange? ChangeOf(ThreatId id) => _changes.GetValueOrDefault(id);

    /// <summary>Indicators that a threat had and that no live threat has now.</summary>
    public IReadOnlyList<Indicator> RemovedFrom(ThreatId id) => ChangeOf(id)?.Removed ?? _withdrawn.GetValueOrDefault(id, []);

    private void Compare(Batch batch, DateTimeOffset receivedAt)
    {
        foreach (var unit in batch.Threats)
        {
            if (!unit.Expired && _replaced.TryGetValue(unit.Id, out var json) && unit.Model is Threat now && unit.Reader(json).Threat is Threat before)
            {
                _changes[unit.Id] = ThreatChange.Between(before, now, receivedAt: receivedAt);
            }
        }

        foreach ((var id, var json) in _lastKnown)
        {
            if (ReadThreat.Of(json).Threat is Threat before)
            {
                _lastModels[id] = before with { Withdrawn = true };
                _withdrawn[id] = [.. before.Indicators.DistinctBy(IndicatorKey.Of)];
            }
        }
    }

    /// <summary>What the batch itself brings counts as live: an indicator may move from one threat to another.</summary>
    private async Task LeaveOutCarriedAsync(Batch batch, IThreatArchive archive, CancellationToken cancellationToken)
    {
        HashSet<ThreatId> ours = [.. batch.Withdrawn];
        var brought = new Dictionary<IndicatorKey, List<(ThreatId Threat, IndicatorCarrier Carrier)>>();
        foreach (var unit in batch.Threats.Where(unit => unit.Json is not null && !unit.Expired))
        {
            ours.Add(unit.Id);
            var publishedAt = unit.LastPublished ?? unit.FirstPublished ?? long.MaxValue;
            foreach (var indicator in unit.Model?.Indicators ?? [])
            {
                var key = IndicatorKey.Of(indicator);
                if (!brought.TryGetValue(key, out var carriers))
                {
                    brought.Add(key, carriers = []);
                }

                carriers.Add((unit.Id, new IndicatorCarrier(unit.Id.Type, indicator.Impact, indicator.Corollary, publishedAt)));
            }
        }

        HashSet<IndicatorKey> asked = [.. _changes.Values.SelectMany(LessThanBefore), .. _withdrawn.Values.SelectMany(removed => removed).Select(IndicatorKey.Of)];
        var stored = asked.Count == 0
            ? new Dictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>()
            : await archive.GetCarriersAsync(asked, ours, cancellationToken).ConfigureAwait(false);
        Carriers = new IndicatorCarriers(stored, brought);
        foreach (var id in _changes.Keys.ToArray())
        {
            _changes[id] = _changes[id] with { Removed = Left(id, _changes[id].Removed) };
        }

        foreach (var id in _withdrawn.Keys.ToArray())
        {
            _withdrawn[id] = Left(id, _withdrawn[id]);
        }

        Indicator[] Left(ThreatId id, IReadOnlyList<Indicator> removed) => [.. removed.Where(indicator => !Carriers.Of(id, IndicatorKey.Of(indicator)).Any())];
    }

    /// <summary>What the version before had and the new one has no longer, or no longer alike: with a lower impact, or for correlation only.</summary>
    private static IEnumerable<IndicatorKey> LessThanBefore(ThreatChange change)
    {
        var alike = change.Now.Indicators.Select(indicator => (IndicatorKey.Of(indicator), indicator.Impact, indicator.Corollary)).ToHashSet();
        return (change.Before?.Indicators ?? [])
            .Where(indicator => !alike.Contains((IndicatorKey.Of(indicator), indicator.Impact, indicator.Corollary)))
            .Select(IndicatorKey.Of);
    }
}
