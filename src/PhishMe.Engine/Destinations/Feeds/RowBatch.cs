using System.Buffers;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>Sorted rows that the feeds of a pass write at the same time. Filled by one thread, then read by any number.</summary>
internal sealed class RowBatch
{
    private const int Capacity = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(Capacity + (64 * 1024));
    private readonly List<(int Start, int KeyLength, int Length, uint Feeds)> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public bool IsFull => _bytes.WrittenCount >= Capacity;

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _rows.Clear();
    }

    /// <summary>Adds a row.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="rest">What stands behind the key.</param>
    /// <param name="feeds">A bit for each feed that writes it.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> rest, uint feeds)
    {
        _rows.Add((_bytes.WrittenCount, key.Length, rest.Length, feeds));
        _bytes.Write(key);
        _bytes.Write(rest);
    }

    /// <summary>Writes the rows of one feed.</summary>
    /// <param name="feed">The number of the feed.</param>
    /// <param name="output">Its files.</param>
    public void Write(int feed, FeedOutput output)
    {
        var bytes = _bytes.WrittenSpan;
        foreach ((var start, var keyLength, var length, var feeds) in _rows)
        {
            if ((feeds & (1u << feed)) != 0)
            {
                output.Write(new FeedRow(bytes.Slice(start, keyLength), bytes.Slice(start + keyLength, length)));
            }
        }
    }
}
