using System.Buffers.Binary;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A bufferful of an <see cref="ExternalSort"/>. One thread at a time.</summary>
/// <param name="capacity">Bytes of keys and values that it holds; an item that is larger by itself still has room.</param>
/// <param name="prefixOf">The prefixes of the sort.</param>
internal sealed class SortBuffer(int capacity, SortPrefix prefixOf)
{
    /// <summary>Groups of this length are sorted by insertion.</summary>
    private const int Inserted = 12;

    private byte[] _bytes = new byte[Math.Min(capacity, 64 * 1024)];
    private Entry[] _entries = new Entry[1024];
    private Entry[] _merged = [];
    private int _used;

    /// <summary>What it holds.</summary>
    public int Count { get; private set; }

    /// <returns>Whether there was room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var length = key.Length + value.Length;
        if (_used + length > capacity && Count > 0)
        {
            return false;
        }

        if (_used + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + length, (int)Math.Min(2L * _bytes.Length, capacity)));
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        key.CopyTo(_bytes.AsSpan(_used));
        value.CopyTo(_bytes.AsSpan(_used + key.Length));
        _entries[Count++] = new Entry(prefixOf(key), _used, key.Length, value.Length);
        _used += length;
        return true;
    }

    public void Clear() => Count = _used = 0;

    public ulong Prefix(int index) => _entries[index].Prefix;

    public ReadOnlySpan<byte> Key(int index) => _bytes.AsSpan(_entries[index].Offset, _entries[index].KeyLength);

    public ReadOnlySpan<byte> Value(int index) => _bytes.AsSpan(_entries[index].Offset + _entries[index].KeyLength, _entries[index].ValueLength);

    /// <summary>Key and value, one behind the other.</summary>
    public ReadOnlySpan<byte> Item(int index) => _bytes.AsSpan(_entries[index].Offset, _entries[index].KeyLength + _entries[index].ValueLength);

    /// <summary>
    /// Puts it in order by merging. The sorts of .NET call a delegate for each comparison, and in a native program an interface; here most comparisons are
    /// one of two numbers.
    /// </summary>
    public void Sort()
    {
        for (var start = 0; start < Count; start += Inserted)
        {
            Insert(start, Math.Min(start + Inserted, Count));
        }

        if (Count > Inserted && _merged.Length < Count)
        {
            _merged = new Entry[_entries.Length];
        }

        for (var width = Inserted; width < Count; width *= 2)
        {
            for (var start = 0; start < Count; start += 2 * width)
            {
                Merge(start, Math.Min(start + width, Count), Math.Min(start + (2 * width), Count));
            }

            (_entries, _merged) = (_merged, _entries);
        }
    }

    private void Insert(int start, int end)
    {
        for (var next = start + 1; next < end; next++)
        {
            var entry = _entries[next];
            var at = next;
            for (; at > start && IsBefore(entry, _entries[at - 1]); at--)
            {
                _entries[at] = _entries[at - 1];
            }

            _entries[at] = entry;
        }
    }

    private void Merge(int start, int middle, int end)
    {
        var (left, right) = (start, middle);
        for (var at = start; at < end; at++)
        {
            _merged[at] = left < middle && (right == end || !IsBefore(_entries[right], _entries[left])) ? _entries[left++] : _entries[right++];
        }
    }

    private bool IsBefore(in Entry left, in Entry right)
    {
        if (left.Prefix != right.Prefix)
        {
            return left.Prefix < right.Prefix;
        }

        var keys = _bytes.AsSpan(left.Offset, left.KeyLength).SequenceCompareTo(_bytes.AsSpan(right.Offset, right.KeyLength));
        return keys != 0
            ? keys < 0
            : _bytes.AsSpan(left.Offset + left.KeyLength, left.ValueLength).SequenceCompareTo(_bytes.AsSpan(right.Offset + right.KeyLength, right.ValueLength)) < 0;
    }

    /// <summary>The first eight bytes of a key as a number that sorts like them.</summary>
    public static ulong FirstBytes(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private readonly record struct Entry(ulong Prefix, int Offset, int KeyLength, int ValueLength);
}
