using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace PhishMe.Engine.Storage;

/// <summary>JSON as the store keeps it: its length, then the bytes as received under Brotli. Level 1 takes half the processor time of level 3 and a sixteenth more room.</summary>
internal static class StoredJson
{
    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>A damaged length must not take the memory.</summary>
    private const int Longest = 1 << 30;

    public static byte[] Pack(ReadOnlySpan<byte> json)
    {
        var rented = ArrayPool<byte>.Shared.Rent(sizeof(int) + BrotliEncoder.GetMaxCompressedLength(json.Length));
        try
        {
            BinaryPrimitives.WriteInt32LittleEndian(rented, json.Length);
            if (!BrotliEncoder.TryCompress(json, rented.AsSpan(sizeof(int)), out var written, Quality, Window))
            {
                throw new InvalidOperationException("The destination is as long as the encoder asked for.");
            }

            return rented.AsSpan(0, sizeof(int) + written).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <returns>Null when these are not bytes that <see cref="Pack"/> made.</returns>
    public static byte[]? Unpack(ReadOnlySpan<byte> packed)
    {
        var length = packed.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed);
        if (length is < 0 or > Longest)
        {
            return null;
        }

        var json = new byte[length];
        return BrotliDecoder.TryDecompress(packed[sizeof(int)..], json, out var written) && written == json.Length ? json : null;
    }
}
