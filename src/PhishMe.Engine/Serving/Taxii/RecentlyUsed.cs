namespace PhishMe.Engine.Serving.Taxii;

/// <summary>What was asked for last, up to a number of bytes. Safe for use by several threads.</summary>
/// <typeparam name="TKey">What finds it.</typeparam>
/// <typeparam name="TValue">What is kept.</typeparam>
/// <param name="mostBytes">How much is kept.</param>
internal sealed class RecentlyUsed<TKey, TValue>(long mostBytes)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = new();
    private long _bytes;

    /// <summary>How much is kept at present.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>What is kept under a key; null when nothing is.</summary>
    public TValue? Find(TKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>Keeps a value instead of the one that the key had. What is larger than a quarter of everything is not kept.</summary>
    /// <param name="key">What finds it.</param>
    /// <param name="value">The value.</param>
    /// <param name="bytes">What it takes in memory.</param>
    public void Keep(TKey key, TValue value, long bytes)
    {
        lock (_gate)
        {
            if (_entries.Remove(key, out var before))
            {
                _order.Remove(before);
                _bytes -= before.Value.Bytes;
            }

            if (bytes > mostBytes / 4)
            {
                return;
            }

            _entries[key] = _order.AddFirst(new Entry(key, value, bytes));
            _bytes += bytes;
            while (_bytes > mostBytes && _order.Last is { } oldest)
            {
                _order.RemoveLast();
                _entries.Remove(oldest.Value.Key);
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    private sealed record Entry(TKey Key, TValue Value, long Bytes);
}
