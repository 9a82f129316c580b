using System.Security.Cryptography;
using System.Text;

namespace PhishMe.Engine.Rendering;

/// <summary>Version 5 UUIDs (RFC 9562, 5.5): the same name always gives the same id, on every machine and in every run.</summary>
internal static class NameBasedUuid
{
    /// <summary>Our own namespace. Never change it: every id ever rendered depends on it.</summary>
    public static Guid Namespace { get; } = new("5c6f3d3a-92c1-4a0e-8f7b-6f0f3b1d2a47");

    /// <summary>The UUID of a name in our own namespace.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The UUID.</returns>
    public static Guid Create(string name) => Create(Namespace, name);

    /// <summary>The UUID of a name in a namespace.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="name">The name; hashed as UTF-8.</param>
    /// <returns>The UUID.</returns>
    public static Guid Create(Guid space, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var size = 16 + Encoding.UTF8.GetMaxByteCount(name.Length);
        byte[]? rented = null;
        var input = size <= 1024 ? stackalloc byte[1024] : (rented = System.Buffers.ArrayPool<byte>.Shared.Rent(size));
        space.TryWriteBytes(input, bigEndian: true, out _);
        var length = 16 + Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The RFC prescribes SHA-1; nothing secret depends on it.
        SHA1.HashData(input[..length], hash);
#pragma warning restore CA5350
        if (rented is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }

        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
