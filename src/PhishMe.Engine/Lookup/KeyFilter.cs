using System.Numerics;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Says of nearly every key that is not in the index that it is not, from memory: two bits per key in a bitmap of sixteen to thirty-two bits per key.
/// It is read in the order of the keys, at once or piece by piece; for a key that was not reached yet the answer is "perhaps".
/// </summary>
internal sealed class KeyFilter
{
    private const int BitsPerKey = 32;
    private const long Smallest = 1 << 16;
    private const long Largest = 1L << 31;
    private const int MostAtOnce = 8192;

    private readonly INearIndex _index;
    private readonly ulong[] _bits;
    private readonly int _shift;
    private readonly long[] _read = new long[MostAtOnce];
    private long _last = -1;

    public KeyFilter(INearIndex index)
    {
        _index = index;
        var bits = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)(index.EstimateKeys() * BitsPerKey / 2) + 1), Smallest, Largest);
        _bits = new ulong[bits / 64];
        _shift = IndexKey.Bits - BitOperations.Log2((uint)_bits.Length);
        foreach (var key in index.ReadGatheredKeys())
        {
            Add(key);
        }
    }

    /// <summary>Whether all keys are in memory.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="most">Keys to read at most.</param>
    public void Read(int most)
    {
        while (!IsComplete && most > 0)
        {
            var wanted = Math.Min(most, MostAtOnce);
            var read = _index.ReadKeys(_last, _read.AsSpan(0, wanted));
            foreach (var key in _read.AsSpan(0, read))
            {
                Add(key);
            }

            _last = read > 0 ? _read[read - 1] : _last;
            IsComplete = read < wanted;
            most -= read;
        }
    }

    /// <returns>False only when the key is certainly not in the index.</returns>
    public bool MayContain(long key)
    {
        var wanted = Pattern(key);
        return (_bits[(int)(key >> _shift)] & wanted) == wanted || (key > _last && !IsComplete);
    }

    // In the order of the keys, so that reading them writes from one end of the memory to the other.
    private void Add(long key) => _bits[(int)(key >> _shift)] |= Pattern(key);

    // Both bits in one word: one access to memory per question.
    private static ulong Pattern(long key) => (1UL << (int)(key & 63)) | (1UL << (int)((key >> 6) & 63));
}
