namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// Rendered threats that were asked for last: many readers go through the same ones. A threat in its place never changes, so nothing gets old. Safe for use by
/// several threads.
/// </summary>
/// <param name="mostBytes">How much is kept.</param>
internal sealed class RenderedThreats(long mostBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(long Key, long Added), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = new();
    private long _bytes;

    public IReadOnlyList<ServedObject>? Find(long key, long added)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue((key, added), out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Objects;
        }
    }

    public void Add(long key, long added, IReadOnlyList<ServedObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        // The text of ids and what each object costs by itself is counted, too.
        var bytes = objects.Sum(served => served.Json.Length + 300L) + 200;
        lock (_gate)
        {
            if (bytes > mostBytes / 4 || _entries.ContainsKey((key, added)))
            {
                return;
            }

            _entries[(key, added)] = _order.AddFirst(new Entry(key, added, objects, bytes));
            _bytes += bytes;
            while (_bytes > mostBytes && _order.Last is { } oldest)
            {
                _order.RemoveLast();
                _entries.Remove((oldest.Value.Key, oldest.Value.Added));
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    private sealed record Entry(long Key, long Added, IReadOnlyList<ServedObject> Objects, long Bytes);
}
