using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PhishMe.Engine.Threats;

/// <summary>First half of a SHA-256: enough to tell two versions of a threat apart, half the space in the state file.</summary>
internal readonly record struct ContentHash(ulong High, ulong Low)
{
    public const int Size = 16;

    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        return Read(digest);
    }

    /// <summary>Of the content without some parts of it, which are named in their order.</summary>
    public static ContentHash Without(ReadOnlySpan<byte> content, ReadOnlySpan<(int Start, int Length)> parts, IncrementalHash sha256)
    {
        var from = 0;
        foreach ((var start, var length) in parts)
        {
            sha256.AppendData(content[from..start]);
            from = start + length;
        }

        sha256.AppendData(content[from..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        sha256.GetHashAndReset(digest);
        return Read(digest);
    }

    public static ContentHash Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <param name="target">Takes <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Low);
    }
}
