using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Sorts more than memory holds: what does not fit is sorted by the bufferful and merged when it is read. Keys are compared as bytes. One thread at a time.
/// </summary>
/// <param name="folder">Where the overflow goes; it has no name there, or goes with its handle.</param>
/// <param name="capacity">Bytes held in memory.</param>
internal sealed class ExternalSort(string folder, int capacity = 24 * 1024 * 1024) : IDisposable
{
    private const int PrefixLength = sizeof(ulong);
    private const int LengthsLength = 2 * sizeof(int);
    private const int WriteBuffer = 256 * 1024;

    private readonly List<(long Start, long End)> _runs = [];
    private byte[] _bytes = new byte[Math.Min(capacity, 64 * 1024)];
    private Entry[] _entries = new Entry[1024];
    private int _used;
    private int _count;
    private long _spilled;
    private SafeFileHandle? _file;

    /// <summary>What was added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an item.</summary>
    /// <exception cref="IOException">There is no room for the overflow.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var length = key.Length + value.Length;
        if (_used + length > capacity && _count > 0)
        {
            Spill();
        }

        if (_used + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + length, (int)Math.Min(2L * _bytes.Length, capacity)));
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        key.CopyTo(_bytes.AsSpan(_used));
        value.CopyTo(_bytes.AsSpan(_used + key.Length));
        _entries[_count++] = new Entry(PrefixOf(key), _used, key.Length, value.Length);
        _used += length;
        Count++;
    }

    /// <summary>Reads everything in order; nothing can be added any more.</summary>
    public SortedItems Read()
    {
        SortEntries();
        return new SortedItems(this);
    }

    public void Dispose() => _file?.Dispose();

    internal int CountInMemory => _count;

    internal IReadOnlyList<(long Start, long End)> Runs => _runs;

    internal SafeFileHandle File => _file!;

    internal ReadOnlySpan<byte> KeyInMemory(int index) => _bytes.AsSpan(_entries[index].Offset, _entries[index].KeyLength);

    internal ReadOnlySpan<byte> ValueInMemory(int index) =>
        _bytes.AsSpan(_entries[index].Offset + _entries[index].KeyLength, _entries[index].ValueLength);

    private static ulong PrefixOf(ReadOnlySpan<byte> key)
    {
        if (key.Length >= PrefixLength)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        }

        Span<byte> padded = stackalloc byte[PrefixLength];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private void SortEntries() => _entries.AsSpan(0, _count).Sort(Compare);

    private int Compare(Entry left, Entry right)
    {
        if (left.Prefix != right.Prefix)
        {
            return left.Prefix < right.Prefix ? -1 : 1;
        }

        var keys = _bytes.AsSpan(left.Offset, left.KeyLength).SequenceCompareTo(_bytes.AsSpan(right.Offset, right.KeyLength));
        return keys != 0
            ? keys
            : _bytes.AsSpan(left.Offset + left.KeyLength, left.ValueLength).SequenceCompareTo(_bytes.AsSpan(right.Offset + right.KeyLength, right.ValueLength));
    }

    private void Spill()
    {
        SortEntries();
        _file ??= OpenOverflow();
        var start = _spilled;
        var buffer = new byte[WriteBuffer];
        var filled = 0;
        for (var i = 0; i < _count; i++)
        {
            var entry = _entries[i];
            var length = entry.KeyLength + entry.ValueLength;
            if (filled > 0 && filled + LengthsLength + length > buffer.Length)
            {
                Write(buffer.AsSpan(0, filled));
                filled = 0;
            }

            if (LengthsLength + length > buffer.Length)
            {
                Array.Resize(ref buffer, LengthsLength + length);
            }

            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(filled), entry.KeyLength);
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(filled + sizeof(int)), entry.ValueLength);
            _bytes.AsSpan(entry.Offset, length).CopyTo(buffer.AsSpan(filled + LengthsLength));
            filled += LengthsLength + length;
        }

        Write(buffer.AsSpan(0, filled));
        _runs.Add((start, _spilled));
        _count = _used = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file!, bytes, _spilled);
        _spilled += bytes.Length;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Disposed with this object.")]
    private SafeFileHandle OpenOverflow()
    {
        var path = Path.Combine(folder, $".phishme-{Guid.NewGuid():N}.sort");
        var handle = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.Delete(path); // A killed process leaves nothing behind.
        }

        return handle;
    }

    private readonly record struct Entry(ulong Prefix, int Offset, int KeyLength, int ValueLength);
}
