using System.Security.Cryptography;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Sync;

/// <summary>A STIX package as received, with a fingerprint that leaves out when it was made: asking twice must not look like a change.</summary>
internal static class StixRendition
{
    public static Rendition Of(ReadOnlyMemory<byte> package)
    {
        var text = package.Span;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // The first timestamp attribute is that of the root element; Produced_Time stands in the header (reference/stix.md §3).
        var at = 0;
        at = Leave(text, at, " timestamp=\""u8, (byte)'"', sha256);
        at = Leave(text, at, "Produced_Time>"u8, (byte)'<', sha256);
        sha256.AppendData(text[at..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        sha256.GetHashAndReset(digest);
        return new Rendition(package, ContentHash.Read(digest));
    }

    /// <summary>Hashes up to the mark and goes on behind the value that follows it.</summary>
    private static int Leave(
        ReadOnlySpan<byte> text, int from, ReadOnlySpan<byte> mark, byte end, IncrementalHash sha256)
    {
        var found = text[from..].IndexOf(mark);
        if (found < 0)
        {
            return from;
        }

        var value = from + found + mark.Length;
        sha256.AppendData(text[from..value]);
        var length = text[value..].IndexOf(end);
        return length < 0 ? value : value + length;
    }
}
