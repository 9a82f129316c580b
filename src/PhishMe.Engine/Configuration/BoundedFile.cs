namespace PhishMe.Engine.Configuration;

/// <summary>Reads files that must be small, without trusting what the file system says of their length (devices, growing files).</summary>
internal static class BoundedFile
{
    private const int SmallestBuffer = 4096;

    /// <summary>Reads a whole file.</summary>
    /// <returns>The bytes, or null when there are more than <paramref name="limit"/>.</returns>
    public static byte[]? TryRead(string path, int limit)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[Math.Clamp(file.Length + 1, SmallestBuffer, limit + 1L)];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length == buffer.Length && length <= limit)
        {
            // Longer than it said.
            Array.Resize(ref buffer, limit + 1);
            length += file.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
        }

        return length > limit ? null : buffer[..length];
    }
}
