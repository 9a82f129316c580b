namespace PhishMe.Simulator.Generation;

/// <summary>
/// A small random sequence (SplitMix64) that is the same on every platform and version. Every part of a threat draws from a stream of its own,
/// so that one part can change without shifting the others.
/// </summary>
internal struct SplitMix
{
    private ulong _state;

    public SplitMix(int seed, int index, int stream) =>
        _state = Finish(((ulong)(uint)seed << 32) ^ (uint)index) ^ Finish((ulong)(uint)stream * 0xD1B5_4A32_D192_ED03UL);

    public static ulong Finish(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return value ^ (value >> 31);
    }

    public ulong Next()
    {
        var value = Finish(_state);
        _state += 0x9E37_79B9_7F4A_7C15UL;
        return value;
    }

    /// <summary>0 up to, not including, the limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public long Below(long limit) => (long)(Next() % (ulong)limit);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(ReadOnlySpan<T> values) => values[Below(values.Length)];
}
