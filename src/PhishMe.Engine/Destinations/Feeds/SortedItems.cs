using System.Buffers.Binary;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>What an <see cref="ExternalSort"/> holds, in order. Key and value are valid until the next move.</summary>
internal sealed class SortedItems
{
    private readonly SortBuffer _memory;
    private readonly Run[] _heap;
    private int _open;
    private int _inMemory = -1;
    private Run? _current;

    /// <param name="sort">What was spilled.</param>
    /// <param name="memory">What was not, in order.</param>
    public SortedItems(ExternalSort sort, SortBuffer memory)
    {
        _memory = memory;
        _heap = new Run[sort.Runs.Count];
        foreach ((var start, var end) in sort.Runs)
        {
            var run = new Run(sort, start, end);
            if (run.MoveNext())
            {
                _heap[_open++] = run;
            }
        }

        for (var i = (_open / 2) - 1; i >= 0; i--)
        {
            Sink(i);
        }
    }

    public ReadOnlySpan<byte> Key => _current is Run run ? run.Key : _memory.Key(_inMemory);

    public ReadOnlySpan<byte> Value => _current is Run run ? run.Value : _memory.Value(_inMemory);

    /// <returns>Whether there is another item.</returns>
    /// <exception cref="IOException">The overflow cannot be read.</exception>
    public bool MoveNext()
    {
        if (_current is Run last)
        {
            // It is still on top of the heap.
            if (!last.MoveNext())
            {
                _heap[0] = _heap[--_open];
            }

            Sink(0);
        }
        else
        {
            _inMemory++;
        }

        _current = null;
        var hasMemory = _inMemory < 0 ? _memory.Count > 0 : _inMemory < _memory.Count;
        if (_inMemory < 0)
        {
            _inMemory = 0;
        }

        if (_open == 0)
        {
            return hasMemory;
        }

        if (!hasMemory || IsBeforeMemory(_heap[0]))
        {
            _current = _heap[0];
        }

        return true;
    }

    private bool IsBeforeMemory(Run run) => run.Prefix != _memory.Prefix(_inMemory)
        ? run.Prefix < _memory.Prefix(_inMemory)
        : IsBefore(run.Key, run.Value, _memory.Key(_inMemory), _memory.Value(_inMemory));

    private static bool IsBefore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> otherKey, ReadOnlySpan<byte> otherValue)
    {
        var keys = key.SequenceCompareTo(otherKey);
        return keys != 0 ? keys < 0 : value.SequenceCompareTo(otherValue) < 0;
    }

    private void Sink(int at)
    {
        while ((2 * at) + 1 < _open)
        {
            var least = (2 * at) + 1;
            if (least + 1 < _open && IsBefore(_heap[least + 1], _heap[least]))
            {
                least++;
            }

            if (!IsBefore(_heap[least], _heap[at]))
            {
                return;
            }

            (_heap[at], _heap[least]) = (_heap[least], _heap[at]);
            at = least;
        }
    }

    private static bool IsBefore(Run left, Run right) =>
        left.Prefix != right.Prefix ? left.Prefix < right.Prefix : IsBefore(left.Key, left.Value, right.Key, right.Value);

    /// <summary>One sorted bufferful in the overflow.</summary>
    private sealed class Run(ExternalSort sort, long start, long end)
    {
        private const int LengthsLength = 2 * sizeof(int);

        private byte[] _buffer = new byte[128 * 1024];
        private long _next = start;
        private int _filled;
        private int _at;
        private int _keyLength;
        private int _valueLength;

        public ulong Prefix { get; private set; }

        public ReadOnlySpan<byte> Key => _buffer.AsSpan(_at + LengthsLength, _keyLength);

        public ReadOnlySpan<byte> Value => _buffer.AsSpan(_at + LengthsLength + _keyLength, _valueLength);

        public bool MoveNext()
        {
            _at += _filled == 0 ? 0 : LengthsLength + _keyLength + _valueLength;
            if (!Ensure(LengthsLength))
            {
                return false;
            }

            _keyLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_at));
            _valueLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_at + sizeof(int)));
            if (!Ensure(LengthsLength + _keyLength + _valueLength))
            {
                return false;
            }

            Prefix = sort.PrefixOf(Key);
            return true;
        }

        private bool Ensure(int length)
        {
            if (_filled - _at >= length)
            {
                return true;
            }

            _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
            _filled -= _at;
            _at = 0;
            if (length > _buffer.Length)
            {
                Array.Resize(ref _buffer, length);
            }

            while (_filled < length && _next < end)
            {
                var most = (int)Math.Min(_buffer.Length - _filled, end - _next);
                var read = RandomAccess.Read(sort.File, _buffer.AsSpan(_filled, most), _next);
                if (read == 0)
                {
                    throw new EndOfStreamException("A temporary file was cut.");
                }

                _filled += read;
                _next += read;
            }

            return _filled >= length;
        }
    }
}
