using System.Buffers.Binary;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>The key under which the store finds an object: eight bytes of the UUID in its id. Two ids may share one.</summary>
internal static class ObjectKey
{
    /// <summary>The key of an id; null when the id is not that of a STIX object.</summary>
    public static long? Of(ReadOnlySpan<char> id)
    {
        var end = id.IndexOf("--", StringComparison.Ordinal);
        if (end <= 0 || !Guid.TryParseExact(id[(end + 2)..], "D", out var uuid))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
