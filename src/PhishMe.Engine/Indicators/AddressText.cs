using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// Addresses in the one form used for look-ups: IPv4 as four decimal numbers, IPv6 as in RFC 5952 without brackets and zone, either with
/// <c>/prefix</c> where it is a network. An IPv4 address written within IPv6 (<c>::ffff:192.0.2.1</c>, RFC 4291, 2.5.5.2) is the IPv4 address.
/// </summary>
internal static class AddressText
{
    /// <summary>The bits that stand before the IPv4 address in a mapped one.</summary>
    private const int MappedBits = 96;

    /// <summary>An IPv4 address that stands alone: four numbers, also with port or prefix. See <see cref="IPv4Host"/> for the host of a URL.</summary>
    /// <returns>The normal form; null when it is no IPv4 address.</returns>
    public static string? IPv4(string text)
    {
        var rest = text.AsSpan().TrimEnd(".?");
        if (rest.Count(':') > 1)
        {
            return Six(rest, out var mapped) is { } address && mapped ? address : null;
        }

        var prefix = -1;
        if (rest.IndexOf('/') is var slash and >= 0)
        {
            if (!int.TryParse(rest[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > 32)
            {
                return null;
            }

            rest = rest[..slash];
        }
        else if (rest.IndexOf(':') is var colon and >= 0)
        {
            if (!ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return null;
            }

            rest = rest[..colon];
        }

        return (FourDecimals(rest) ?? Unmistakable(rest)) is { } canonical
            ? prefix < 0 ? canonical : string.Create(CultureInfo.InvariantCulture, $"{canonical}/{prefix}")
            : null;
    }

    /// <summary>An IPv6 address; null for one that is an IPv4 address, and for everything else.</summary>
    public static string? IPv6(string text) => Six(text, out var mapped) is { } address && !mapped ? address : null;

    /// <summary>
    /// An IPv4 address as host of a URL, in any spelling that browsers and inet_aton read: one to four numbers, each decimal, octal (<c>0313</c>) or
    /// hexadecimal (<c>0xCB</c>), the last one filling the bytes that are left (URL standard, IPv4 parser).
    /// </summary>
    /// <returns>The normal form; null when it is no IPv4 address.</returns>
    public static string? IPv4Host(ReadOnlySpan<char> host)
    {
        host = host.TrimEnd('.');
        Span<Range> parts = stackalloc Range[5];
        var count = host.Split(parts, '.');
        if (count is 0 or > 4)
        {
            return null;
        }

        ulong address = 0;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadNumber(host[parts[i]], out var number) || number >= (i < count - 1 ? 256UL : 1UL << (8 * (5 - count))))
            {
                return null;
            }

            address += i < count - 1 ? number << (8 * (3 - i)) : number;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
    }

    /// <summary>Whether a label is a number to a browser: then the host is an address or nothing (URL standard, "ends in a number").</summary>
    public static bool IsNumber(ReadOnlySpan<char> label) =>
        !label.IsEmpty && (!label.ContainsAnyExceptInRange('0', '9') || (IsHex(label) && TryReadNumber(label, out _)));

    private static bool IsHex(ReadOnlySpan<char> text) => text.Length >= 2 && text[0] == '0' && text[1] is 'x' or 'X';

    /// <summary>Leading zeros are read as decimal: people and products pad with them. The octal reading is left to hosts of URLs, where browsers decide.</summary>
    private static string? FourDecimals(ReadOnlySpan<char> text)
    {
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (count == 4 || part.Length is 0 or > 3 || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
            {
                return null;
            }

            octets[count++] = octet;
        }

        return count == 4 ? string.Create(CultureInfo.InvariantCulture, $"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}") : null;
    }

    /// <summary>
    /// Four numbers of which one is hexadecimal or octal beyond doubt, or the whole address as eight hexadecimal digits after 0x. Versions, decimal
    /// numbers and fewer parts are nothing of the kind.
    /// </summary>
    private static string? Unmistakable(ReadOnlySpan<char> text)
    {
        Span<Range> parts = stackalloc Range[5];
        var count = text.Split(parts, '.');
        if (count == 1)
        {
            return text.Length == 10 && IsHex(text) ? IPv4Host(text) : null;
        }

        if (count != 4)
        {
            return null;
        }

        foreach (var range in parts[..count])
        {
            var part = text[range];
            if (IsHex(part) || (part.Length > 3 && part[0] == '0'))
            {
                return IPv4Host(text);
            }
        }

        return null;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        var radix = IsHex(text) ? 16u : text.Length > 1 && text[0] == '0' ? 8u : 10u;
        var digits = text[(radix switch { 16 => 2, 8 => 1, _ => 0 })..];
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? (uint)Convert.ToInt32(c.ToString(), 16) : uint.MaxValue;
            if (digit >= radix)
            {
                return false;
            }

            number = Math.Min((number * radix) + digit, uint.MaxValue + 1UL);
        }

        return true;
    }

    private static string? Six(ReadOnlySpan<char> text, out bool mapped)
    {
        mapped = false;
        var rest = text.TrimEnd("?");
        if (!rest.Contains(':'))
        {
            return null;
        }

        var prefix = -1;
        if (rest.IndexOf('/') is var slash and >= 0)
        {
            if (!int.TryParse(rest[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > 128)
            {
                return null;
            }

            rest = rest[..slash];
        }

        if (rest.StartsWith("[", StringComparison.Ordinal) && rest.EndsWith("]", StringComparison.Ordinal))
        {
            rest = rest[1..^1];
        }

        if (rest.IndexOf('%') is var zone and >= 0)
        {
            rest = rest[..zone];
        }

        if (rest.ContainsAny('[', ']') || !IPAddress.TryParse(rest, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        mapped = address.IsIPv4MappedToIPv6 && prefix is < 0 or >= MappedBits;
        var canonical = mapped ? address.MapToIPv4() : address;
        return prefix < 0 ? canonical.ToString() : string.Create(CultureInfo.InvariantCulture, $"{canonical}/{(mapped ? prefix - MappedBits : prefix)}");
    }
}
