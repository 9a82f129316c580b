using PhishMe.Simulator.Generation;

namespace PhishMe.Simulator.Catalog;

/// <summary>The threats as they are now, and the log of how they came to be so. Safe for many threads.</summary>
internal sealed class ThreatCatalog
{
    private static readonly Comparer<ThreatRecord> OldestFirst = Comparer<ThreatRecord>.Create(static (a, b) =>
    {
        var byDate = a.Last.CompareTo(b.Last);
        return byDate != 0 ? byDate : a.Key.CompareTo(b.Key);
    });

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Dictionary<ThreatKey, ThreatRecord> _live = [];
    private readonly Dictionary<ThreatKey, ThreatRecord> _withdrawn = [];
    private readonly List<ThreatRecord> _byDate;
    private readonly List<ChangeEntry> _changes;
    private int _nextIndex;

    public ThreatCatalog(SimulatorOptions options, ThreatGenerator generator)
    {
        _clock = options.Clock;
        _nextIndex = options.Threats;
        for (var index = 0; index < options.Threats; index++)
        {
            var record = generator.Describe(index, options.Threats, options.From, options.To);
            _live.Add(record.Key, record);
        }

        foreach (var document in Documents(options.LoadFolder))
        {
            var record = DocumentEditor.Describe(document, options.From.ToUnixTimeMilliseconds());
            _live[record.Key] = record;
        }

        _byDate = [.. _live.Values];
        _byDate.Sort(OldestFirst);
        _changes = new List<ChangeEntry>(_byDate.Count + 64);
        foreach (var record in _byDate)
        {
            _changes.Add(new ChangeEntry(record.Key, record.Last, Deleted: false));
        }
    }

    /// <summary>Number of changelog entries; also the position behind the last one.</summary>
    public int End
    {
        get
        {
            lock (_lock)
            {
                return _changes.Count;
            }
        }
    }

    public ThreatRecord? Find(ThreatKey key)
    {
        lock (_lock)
        {
            return _live.GetValueOrDefault(key);
        }
    }

    /// <summary>The threats whose latest publication lies in the window, bounds included, oldest first.</summary>
    public ThreatRecord[] Between(long begin, long end)
    {
        lock (_lock)
        {
            (var from, var to) = Range(begin, end);
            return [.. _byDate.GetRange(from, to - from)];
        }
    }

    /// <summary>One page of a window and the size of the whole, without copying the rest.</summary>
    public (ThreatRecord[] Page, int Total) Page(long begin, long end, ThreatProduct? product, long skip, int take)
    {
        lock (_lock)
        {
            (var from, var to) = Range(begin, end);
            if (product is null)
            {
                var start = Math.Min(from + skip, to);
                return ([.. _byDate.GetRange((int)start, (int)Math.Min(take, to - start))], to - from);
            }

            var page = new List<ThreatRecord>(take);
            var total = 0;
            for (var i = from; i < to; i++)
            {
                if (_byDate[i].Key.Product == product)
                {
                    if (total >= skip && page.Count < take)
                    {
                        page.Add(_byDate[i]);
                    }

                    total++;
                }
            }

            return ([.. page], total);
        }
    }

    public ThreatRecord[] All() => Between(long.MinValue, long.MaxValue);

    /// <summary>At most <paramref name="limit"/> entries from the given place on.</summary>
    public ChangeEntry[] ChangesFrom(int consumed, int limit)
    {
        lock (_lock)
        {
            return consumed >= _changes.Count ? [] : [.. _changes.GetRange(consumed, Math.Min(limit, _changes.Count - consumed))];
        }
    }

    /// <summary>Place of the first entry that is not older than the given time.</summary>
    public int PlaceOf(long occurredOn)
    {
        lock (_lock)
        {
            var low = 0;
            var high = _changes.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_changes[middle].OccurredOn < occurredOn)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }
    }

    public ThreatKey[] Publish(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (_lock)
        {
            var keys = new ThreatKey[count];
            for (var i = 0; i < count; i++)
            {
                var now = Now();
                var index = _nextIndex++;
                var record = new ThreatRecord(ThreatGenerator.KeyOf(index), index, Revision: 0, now, now, Document: null);
                Put(record);
                Log(record.Key, now, deleted: false);
                keys[i] = record.Key;
            }

            return keys;
        }
    }

    /// <summary>Publishes a document as it is: its dates are not touched, only the changelog entry is of now.</summary>
    public ThreatKey Publish(ReadOnlyMemory<byte> document)
    {
        var compact = JsonCompactor.Compact(document.Span);
        lock (_lock)
        {
            var now = Now();
            var record = DocumentEditor.Describe(compact, now);
            _withdrawn.Remove(record.Key);
            Put(record);
            Log(record.Key, now, deleted: false);
            return record.Key;
        }
    }

    /// <summary>Announces a threat again.</summary>
    /// <param name="key">The threat.</param>
    /// <param name="changeContent">One indicator goes, another comes.</param>
    /// <param name="moveDate">The date of the latest publication becomes now.</param>
    public void Republish(ThreatKey key, bool changeContent, bool moveDate)
    {
        lock (_lock)
        {
            var old = _live.GetValueOrDefault(key) ?? throw Unknown(key);
            var now = Now();
            Put(Renewed(old, changeContent, moveDate ? now : old.Last));
            Log(key, now, deleted: false);
        }
    }

    public void Withdraw(ThreatKey key)
    {
        lock (_lock)
        {
            if (!_live.Remove(key, out var old))
            {
                throw Unknown(key);
            }

            _byDate.RemoveAt(_byDate.BinarySearch(old, OldestFirst));
            _withdrawn[key] = old;
            Log(key, Now(), deleted: true);
        }
    }

    public void Restore(ThreatKey key)
    {
        lock (_lock)
        {
            if (!_withdrawn.Remove(key, out var old))
            {
                throw Unknown(key);
            }

            var now = Now();
            Put(Renewed(old, changeContent: false, now));
            Log(key, now, deleted: false);
        }
    }

    private static InvalidOperationException Unknown(ThreatKey key) => new($"The simulator has no threat {key} in that state.");

    private static IEnumerable<byte[]> Documents(string? folder) =>
        folder is null
            ? []
            : Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(file => JsonCompactor.Compact(File.ReadAllBytes(file)));

    private static ThreatRecord Renewed(ThreatRecord old, bool changeContent, long last)
    {
        if (old.Document is null)
        {
            return old with { Revision = changeContent ? old.Revision + 1 : old.Revision, Last = last };
        }

        var revision = changeContent ? old.Revision + 1 : old.Revision;
        var document = DocumentEditor.Parse(old.Document);
        if (changeContent)
        {
            DocumentEditor.ChangeContent(document, old.Key, revision);
        }

        if (last != old.Last)
        {
            DocumentEditor.SetLast(document, old.Key, last);
        }

        return old with { Revision = revision, Last = last, Document = DocumentEditor.Write(document) };
    }

    // The changelog is ordered by time, whatever the clock does.
    private long Now()
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        return _changes.Count == 0 ? now : Math.Max(now, _changes[^1].OccurredOn);
    }

    private void Log(ThreatKey key, long now, bool deleted) => _changes.Add(new ChangeEntry(key, now, deleted));

    private void Put(ThreatRecord record)
    {
        if (_live.TryGetValue(record.Key, out var old))
        {
            _byDate.RemoveAt(_byDate.BinarySearch(old, OldestFirst));
        }

        _live[record.Key] = record;
        var place = _byDate.BinarySearch(record, OldestFirst);
        _byDate.Insert(place < 0 ? ~place : place, record);
    }

    private (int From, int To) Range(long begin, long end)
    {
        var from = FirstNotBefore(begin);
        var to = end == long.MaxValue ? _byDate.Count : FirstNotBefore(end + 1);
        return (from, Math.Max(from, to));
    }

    private int FirstNotBefore(long date)
    {
        var low = 0;
        var high = _byDate.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byDate[middle].Last < date)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
