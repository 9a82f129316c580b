using System.Numerics;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Says of nearly every key that is not in the index that it is not, from memory: two bits per key in a bitmap of sixteen to thirty-two bits per key.
/// It is read in the order of the keys, at once or piece by piece; of a key that was not reached yet it says that it may be there.
/// </summary>
internal sealed class KeyFilter : IDisposable
{
    private const int BitsPerKey = 32;
    private const long Smallest = 1 << 16;
    private const long Largest = 1L << 31;

    /// <summary>Keys are hashes: how close together the first ones are tells how many there are.</summary>
    private const int Sample = 4096;

    private readonly ulong[] _bits;
    private readonly int _shift;
    private readonly SqliteStatement _next;
    private long _last = -1;

    public KeyFilter(SqliteConnection connection)
    {
        var bits = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)(Estimate(connection) * BitsPerKey / 2) + 1), Smallest, Largest);
        _bits = new ulong[bits / 64];
        _shift = IndexKey.Bits - BitOperations.Log2((uint)_bits.Length);
        using var gathered = new SqliteStatement(connection, "SELECT hash FROM indicator_key_new");
        while (gathered.Step())
        {
            Add(gathered.Integer(0));
        }

        _next = new SqliteStatement(connection, "SELECT hash FROM indicator_key WHERE hash > ?1 ORDER BY hash LIMIT ?2");
    }

    /// <summary>Whether all keys are in memory.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="most">Rows to read.</param>
    public void Read(int most)
    {
        if (IsComplete)
        {
            return;
        }

        var read = 0;
        _next.Bind(1, _last).Bind(2, (long)most);
        while (_next.Step())
        {
            _last = _next.Integer(0);
            Add(_last);
            read++;
        }

        IsComplete = read < most;
    }

    /// <returns>False only when the key is certainly not in the index.</returns>
    public bool MayContain(long key)
    {
        var wanted = Pattern(key);
        return (_bits[(int)(key >> _shift)] & wanted) == wanted || (key > _last && !IsComplete);
    }

    public void Dispose() => _next.Dispose();

    private static long Estimate(SqliteConnection connection)
    {
        using var sample = new SqliteStatement(
            connection, FormattableString.Invariant($"SELECT DISTINCT hash FROM indicator_key ORDER BY hash LIMIT 1 OFFSET {Sample - 1}"));
        return sample.Step() ? (long)(Sample * (double)(1L << IndexKey.Bits) / (sample.Integer(0) + 1)) : Sample;
    }

    // In the order of the keys, so that reading them writes from one end of the memory to the other.
    private void Add(long key) => _bits[(int)(key >> _shift)] |= Pattern(key);

    // Both bits in one word: one access to memory per question.
    private static ulong Pattern(long key) => (1UL << (int)(key & 63)) | (1UL << (int)((key >> 6) & 63));
}
