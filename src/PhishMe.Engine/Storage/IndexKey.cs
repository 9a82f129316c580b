using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>
/// The keys under which an indicator stands in the index: hashes of 48 bits, which SQLite stores in six bytes, so that the index is small and dense
/// whatever the values are. Two values may share a key; whoever looks up compares the values. The keys are stored: changing how they are made
/// takes a migration that rebuilds the index.
/// </summary>
internal static class IndexKey
{
    /// <summary>
    /// The number of the form of normal values and keys. It is stored with the index; an index of another form finds nothing reliably and is rebuilt
    /// from the stored threats. Raise it with every change to normal forms or keys.
    /// </summary>
    public const int Form = 2;

    /// <summary>Bits of a key.</summary>
    public const int Bits = 48;

    /// <summary>Keys one indicator has at most.</summary>
    public const int Most = 3;

    /// <summary>Longest address: the family and sixteen bytes.</summary>
    public const int LongestAddress = 17;

    private static readonly SearchValues<byte> _notUniform = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => b is <= 0x20 or >= 0x7F || "%\"<>`{}|^\\"u8.Contains(b))]);

    private static readonly SearchValues<byte> _fourParts = SearchValues.Create("0123456789."u8);

    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
    private const ulong Finisher = 0xD6E8_FEB8_6659_FD93;

    /// <summary>The key of a normal form in UTF-8.</summary>
    public static long Of(KeySpace space, ReadOnlySpan<byte> text)
    {
        var hash = Multiplier * ((ulong)space + 1 + ((ulong)text.Length << 8));
        while (text.Length >= sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            rest = (rest << 8) | text[i];
        }

        hash = Mix(hash, rest);
        hash ^= hash >> 32;
        hash *= Finisher;
        hash ^= hash >> 32;
        return (long)(hash & ((1UL << Bits) - 1));
    }

    /// <summary>All keys of an indicator.</summary>
    /// <returns>How many.</returns>
    public static int Of(IndicatorKind kind, ReadOnlySpan<byte> value, Span<long> keys)
    {
        if (kind == IndicatorKind.Url)
        {
            value = ForComparison(value);
        }

        keys[0] = Of(KeySpace.Value, value);
        var count = 1;
        if (kind == IndicatorKind.Url)
        {
            var bare = WithoutQuery(value);
            if (bare.Length < value.Length)
            {
                keys[count++] = Of(KeySpace.UrlWithoutQuery, bare);
            }

            var host = HostOf(value);
            if (!host.IsEmpty)
            {
                keys[count++] = Of(KeySpace.UrlHost, host);
            }
        }

        return count;
    }

    /// <summary>A URL in normal form up to query or fragment.</summary>
    public static ReadOnlySpan<byte> WithoutQuery(ReadOnlySpan<byte> url)
    {
        var end = url.IndexOfAny((byte)'?', (byte)'#');
        return end < 0 ? url : url[..end];
    }

    /// <summary>The host of a URL in normal form, without port and brackets; empty when there is none.</summary>
    public static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> url)
    {
        var start = url.IndexOf("://"u8);
        if (start < 0)
        {
            return default;
        }

        var host = url[(start + 3)..];
        var end = host.IndexOfAny("/?#\\"u8);
        host = end < 0 ? host : host[..end];
        host = host[(host.LastIndexOf((byte)'@') + 1)..];
        if (host.StartsWith("["u8))
        {
            var close = host.IndexOf((byte)']');
            return close < 0 ? default : host[1..close];
        }

        var port = host.LastIndexOf((byte)':');
        return port < 0 ? host : host[..port];
    }

    /// <summary>The sortable form of an address, or of the address that is the host of a URL; networks have none.</summary>
    /// <returns>The length; 0 when there is no address.</returns>
    public static int AddressOf(IndicatorKind kind, ReadOnlySpan<byte> value, Span<byte> address)
    {
        var text = IndicatorKinds.Of(kind).Shape switch
        {
            IndicatorShape.Address => value,
            IndicatorShape.Url => HostOf(value),
            IndicatorShape.Name or IndicatorShape.Mailbox or IndicatorShape.Hash or IndicatorShape.FuzzyHash or IndicatorShape.Text or IndicatorShape.Unknown => default,
        };
        return text.Length is > 1 and <= 45
            && (char.IsAsciiHexDigit((char)text[0]) || text[0] == ':')
            && (text.Contains((byte)':') || !text.ContainsAnyExcept(_fourParts))
            && IPAddress.TryParse(text, out var parsed)
            ? Write(parsed, address)
            : 0;
    }

    /// <summary>Family first, so that the two families do not mix when sorted.</summary>
    public static int Write(IPAddress parsed, Span<byte> address)
    {
        address[0] = parsed.AddressFamily == AddressFamily.InterNetwork ? (byte)4 : (byte)6;
        parsed.TryWriteBytes(address[1..], out var length);
        return length + 1;
    }

    /// <summary>As <see cref="UrlText.ForComparison"/>, without making strings of nearly all URLs.</summary>
    private static ReadOnlySpan<byte> ForComparison(ReadOnlySpan<byte> url) =>
        url.ContainsAny(_notUniform) || url.IndexOf("/."u8) >= 0 ? Encoding.UTF8.GetBytes(UrlText.ForComparison(Encoding.UTF8.GetString(url))) : url;

    private static ulong Mix(ulong hash, ulong block) => BitOperations.RotateLeft((hash ^ block) * Multiplier, 29) ^ hash;
}
