using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Sorts more than memory holds: what does not fit is sorted by the bufferful, while the next one is filled, and merged when it is read. Keys are compared as
/// bytes. One thread at a time.
/// </summary>
/// <param name="folder">Where the overflow goes; it has no name there, or goes with its handle.</param>
/// <param name="capacity">Bytes held in memory.</param>
/// <param name="prefixOf">What most comparisons are decided by; null for the first bytes of a key.</param>
internal sealed class ExternalSort(string folder, int capacity = 24 * 1024 * 1024, SortPrefix? prefixOf = null) : IDisposable
{
    private const int LengthsLength = 2 * sizeof(int);
    private const int WriteBuffer = 256 * 1024;

    private readonly SortPrefix _prefixOf = prefixOf ?? SortBuffer.FirstBytes;
    private readonly List<(long Start, long End)> _runs = [];
    private SortBuffer _filling = new(capacity / 2, prefixOf ?? SortBuffer.FirstBytes);
    private SortBuffer? _spilled;
    private Task _spilling = Task.CompletedTask;
    private long _length;
    private SafeFileHandle? _file;

    /// <summary>What was added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an item.</summary>
    /// <exception cref="IOException">There is no room for the overflow.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_filling.TryAdd(key, value))
        {
            BeginSpill();
            _filling.TryAdd(key, value);
        }

        Count++;
    }

    /// <summary>Reads everything in order; nothing can be added any more.</summary>
    /// <exception cref="IOException">There is no room for the overflow.</exception>
    public SortedItems Read()
    {
        _filling.Sort();
        _spilling.GetAwaiter().GetResult();
        return new SortedItems(this, _filling);
    }

    public void Dispose()
    {
        // Readers have had its failure.
        Task.WhenAny(_spilling).GetAwaiter().GetResult();
        _file?.Dispose();
    }

    internal IReadOnlyList<(long Start, long End)> Runs => _runs;

    internal SafeFileHandle File => _file!;

    internal ulong PrefixOf(ReadOnlySpan<byte> key) => _prefixOf(key);

    /// <summary>The full buffer is sorted and written by another thread; the one before it is free by now.</summary>
    private void BeginSpill()
    {
        _spilling.GetAwaiter().GetResult();
        var full = _filling;
        _filling = _spilled ?? new SortBuffer(capacity / 2, _prefixOf);
        _filling.Clear();
        _spilled = full;
        _spilling = Task.Run(() => Spill(full));
    }

    private void Spill(SortBuffer full)
    {
        full.Sort();
        _file ??= OpenOverflow();
        var start = _length;
        var buffer = new byte[WriteBuffer];
        var filled = 0;
        for (var i = 0; i < full.Count; i++)
        {
            var item = full.Item(i);
            var length = LengthsLength + item.Length;
            if (filled > 0 && filled + length > buffer.Length)
            {
                Write(buffer.AsSpan(0, filled));
                filled = 0;
            }

            if (length > buffer.Length)
            {
                Array.Resize(ref buffer, length);
            }

            var keyLength = full.Key(i).Length;
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(filled), keyLength);
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(filled + sizeof(int)), item.Length - keyLength);
            item.CopyTo(buffer.AsSpan(filled + LengthsLength));
            filled += length;
        }

        Write(buffer.AsSpan(0, filled));
        _runs.Add((start, _length));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file!, bytes, _length);
        _length += bytes.Length;
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
}
