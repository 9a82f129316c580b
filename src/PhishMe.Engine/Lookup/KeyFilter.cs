using System.Numerics;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.State;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Says of nearly every key that is not in the index that it is not, from memory: two bits per key in a bitmap of about thirty-two bits per key.
/// Four megabytes for a million keys; made once per session that looks up many values.
/// </summary>
internal sealed class KeyFilter
{
    private const int BitsPerKey = 32;
    private const int Smallest = 1 << 16;
    private readonly ulong[] _bits;
    private readonly int _mask;

    private KeyFilter(long keys)
    {
        long bits = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)(keys * BitsPerKey / 2) + 1), Smallest, 1L << 34);
        _bits = new ulong[bits / 64];
        _mask = _bits.Length - 1;
    }

    public static KeyFilter Read(SqliteConnection connection)
    {
        using var count = new SqliteStatement(connection, "SELECT count(*) FROM indicator_key");
        count.Step();
        var filter = new KeyFilter(count.Integer(0));
        count.Reset();
        using var keys = new SqliteStatement(connection, "SELECT hash FROM indicator_key");
        while (keys.Step())
        {
            filter.Add(keys.Integer(0));
        }

        return filter;
    }

    /// <returns>False only when the key is certainly not in the index.</returns>
    public bool MayContain(long key)
    {
        ulong wanted = Pattern(key);
        return (_bits[(int)(key >> 12) & _mask] & wanted) == wanted;
    }

    private void Add(long key) => _bits[(int)(key >> 12) & _mask] |= Pattern(key);

    // Both bits in one word: one access to memory per question.
    private static ulong Pattern(long key) => (1UL << (int)(key & 63)) | (1UL << (int)((key >> 6) & 63));
}
