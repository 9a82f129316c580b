using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>Selects what of a batch is new to a destination, with one read of the state for the whole batch.</summary>
/// <param name="state">Knows what each destination was given.</param>
/// <param name="deduplicationHours">The hours of data_deduplication_hours; null for none.</param>
/// <param name="everything">Whether what a destination has already counts as new.</param>
internal sealed class DeliverySelector(IStateStore state, int? deduplicationHours, bool everything = false)
{
    /// <returns>What is new, and how many threats were left out because they did not change.</returns>
    public async Task<(Delivery Delivery, int Unchanged)> SelectAsync(
        Destination destination, Batch batch, BatchChanges changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var offered = new List<(ThreatUnit Unit, Rendition Rendition)>(batch.Threats.Count);
        foreach (var unit in batch.Threats)
        {
            if (!unit.Expired && unit.In(destination.Format) is Rendition rendition)
            {
                offered.Add((unit, rendition));
            }
        }

        if (offered.Count + batch.Withdrawn.Count == 0)
        {
            return (new Delivery { Now = now }, 0);
        }

        var records = await state.GetDeliveriesAsync(
            destination.Id, [.. offered.Select(item => item.Unit.Id), .. batch.Withdrawn, .. batch.Withdrawn.Select(NamesakeOf)], cancellationToken).ConfigureAwait(false);
        var changed = new List<ThreatDelivery>(offered.Count);
        foreach ((var unit, var rendition) in offered)
        {
            DeliveryRecord? before = records.TryGetValue(unit.Id, out var record) ? record : null;
            if (IsNew(before, unit.LastPublished, rendition.Content, batch.After.Generation, now))
            {
                changed.Add(new ThreatDelivery { Unit = unit, Rendition = rendition, Before = before, Replaced = changes.Replaced(unit.Id), Change = changes.ChangeOf(unit.Id) });
            }
        }

        var unchanged = offered.Count - changed.Count;
        if (batch.Withdrawn.Count == 0)
        {
            return (new Delivery { Threats = changed, Carriers = changes.Carriers, Now = now }, unchanged);
        }

        var dates = await state.GetFirstPublishedAsync(batch.Withdrawn, cancellationToken).ConfigureAwait(false);
        var withdrawn = new List<ThreatRetraction>();
        var namesakes = new HashSet<ThreatId>();
        foreach (var id in batch.Withdrawn)
        {
            DeliveryRecord? before = records.TryGetValue(id, out var record) ? record : null;
            if (before is { Withdrawn: true })
            {
                continue;
            }

            withdrawn.Add(new ThreatRetraction
            {
                Id = id,
                Before = before,
                FirstPublished = before?.FirstPublished ?? (dates.TryGetValue(id, out var date) ? date : null),
                LastKnown = changes.LastKnown(id),
                LastModel = changes.LastModel(id),
                Removed = changes.RemovedFrom(id),
            });
            if (IsFileOfNamesake(id, before, changed, records))
            {
                namesakes.Add(id);
            }
        }

        return (new Delivery { Threats = changed, Withdrawn = withdrawn, Namesakes = namesakes, Carriers = changes.Carriers, Now = now }, unchanged);
    }

    /// <summary>
    /// Word for word the same is never delivered twice within one backfill and what follows it; a moved date alone is not delivered again within the
    /// hours of data_deduplication_hours.
    /// </summary>
    internal bool IsNew(DeliveryRecord? before, long? lastPublished, Threats.ContentHash content, int generation, DateTimeOffset now)
    {
        if (everything || before is not DeliveryRecord record || record.Withdrawn || record.Generation != generation || record.Content != content)
        {
            return true;
        }

        return record.LastPublished != lastPublished
            && !(deduplicationHours is int hours && IsWithin(now.ToUnixTimeMilliseconds() - record.DeliveredAt, hours));
    }

    /// <summary>In the legacy layout malware and phish of one number share a file: it is the one's that was delivered last, and only that one's to take back.</summary>
    private static bool IsFileOfNamesake(
        ThreatId id, DeliveryRecord? before, List<ThreatDelivery> changed, IReadOnlyDictionary<ThreatId, DeliveryRecord> records)
    {
        var namesake = NamesakeOf(id);
        return changed.Exists(item => item.Id == namesake && !item.Rendition.Bytes.IsEmpty)
            || (records.TryGetValue(namesake, out var other) && !other.Withdrawn && !(before?.DeliveredAt > other.DeliveredAt));
    }

    private static ThreatId NamesakeOf(ThreatId id) => new(id.Type == ThreatType.Malware ? ThreatType.Phish : ThreatType.Malware, id.Number);

    /// <summary>A time in the future comes from a clock that has been set back since: it proves nothing.</summary>
    private static bool IsWithin(long milliseconds, int hours) => milliseconds >= 0 && milliseconds < TimeSpan.FromHours(hours).TotalMilliseconds;
}
