using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Publishing;

/// <summary>What became of each threat that is published, in the order in which they were given.</summary>
internal sealed class PublishedItems(DestinationId destination, IReadOnlyCollection<ThreatId> threats)
{
    private readonly Dictionary<ThreatId, Entry> _entries = threats.ToDictionary(id => id, _ => new Entry());

    /// <summary>Items that were queued.</summary>
    public long Queued { get; private set; }

    /// <summary>Items of them that the target took or refused.</summary>
    public long Sent { get; private set; }

    /// <summary>Threats whose turn is over.</summary>
    public int Handled => _entries.Values.Count(entry => entry.Outcome is not null);

    public void Set(ThreatId id, PublishOutcome outcome, string? reason = null)
    {
        _entries[id].Outcome = outcome;
        _entries[id].Reason = reason;
    }

    /// <summary>A threat is in the queue, as these items; a threat without items is left out by the settings.</summary>
    public void Queue(IEnumerable<ThreatId> delivered, IReadOnlyList<QueueItem> items)
    {
        foreach (var item in items)
        {
            if (item.Threat is ThreatId id && _entries.TryGetValue(id, out var entry))
            {
                entry.Items++;
                entry.Waiting.Add(item);
                Queued++;
            }
        }

        foreach (var id in delivered)
        {
            _entries[id].Outcome = _entries[id].Items == 0 ? PublishOutcome.LeftOut : PublishOutcome.Waiting;
        }
    }

    /// <summary>An item left the queue, or stays there until later. The queue may hold older items of the same threat.</summary>
    public void Settle(QueueItem item, SendOutcome outcome)
    {
        if (outcome.Kind == SendOutcomeKind.Retry || item.Threat is not ThreatId id || !_entries.TryGetValue(id, out var entry))
        {
            return;
        }

        var place = entry.Waiting.FindIndex(waiting => waiting.Verb == item.Verb && waiting.Key == item.Key && waiting.Payload.Span.SequenceEqual(item.Payload.Span));
        if (place < 0)
        {
            return;
        }

        entry.Waiting.RemoveAt(place);
        Sent++;
        if (outcome.Kind == SendOutcomeKind.Rejected)
        {
            Set(id, PublishOutcome.Rejected, outcome.Reason);
        }
        else if (entry.Waiting.Count == 0 && entry.Outcome == PublishOutcome.Waiting)
        {
            Set(id, PublishOutcome.Delivered);
        }
    }

    public IReadOnlyList<PublishedThreat> ToResults(Func<string, string> hide) =>
    [
        .. threats.Select(id => new PublishedThreat
        {
            Id = id,
            Destination = destination.ToString(),
            Outcome = _entries[id].Outcome ?? PublishOutcome.NotSent,
            Items = _entries[id].Items,
            Reason = _entries[id].Reason is string reason ? hide(reason) : null,
        }),
    ];

    private sealed class Entry
    {
        public PublishOutcome? Outcome { get; set; }

        public string? Reason { get; set; }

        public int Items { get; set; }

        public List<QueueItem> Waiting { get; } = [];
    }
}
