using System.Buffers.Binary;
using PhishMe.Simulator.Generation;

namespace PhishMe.Simulator.Catalog;

/// <summary>
/// Positions look like the server's: opaque, in the shape of a UUID. They are a keyed encoding of the number of changelog entries before them, so a
/// simulator started again with the same seed understands them, and a made-up one is noticed.
/// </summary>
internal sealed class PositionCode(int seed)
{
    private readonly ulong _key = Scramble((ulong)seed ^ 0x9051_7104_C0DE_0001UL);

    public string Encode(int consumed)
    {
        var check = Check(consumed);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, check);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (ulong)consumed ^ Scramble(check ^ _key));
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    public bool TryDecode(string? position, out int consumed)
    {
        consumed = 0;
        if (!Guid.TryParseExact(position, "D", out var guid))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var check = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var number = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) ^ Scramble(check ^ _key);
        if (number > int.MaxValue || Check((int)number) != check)
        {
            return false;
        }

        consumed = (int)number;
        return true;
    }

    private static ulong Scramble(ulong value) => SplitMix.Finish(value);

    private ulong Check(int consumed) => Scramble((ulong)consumed + (_key * 3));
}
