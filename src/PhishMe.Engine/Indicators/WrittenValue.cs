using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// What people and logs write around or instead of a value. Every reading is exact: it gives one value or none, so that a look-up of a text that is
/// something else finds nothing.
/// </summary>
internal static partial class WrittenValue
{
    private const int Longest = 8192;
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    private static readonly SearchValues<char> _quotes = SearchValues.Create("\u201C\u201D\u201E\u2018\u2019\u201A\u00AB\u00BB\u2039\u203A");

    /// <summary>Spaces without width, and marks that only turn the direction of the text.</summary>
    private static readonly SearchValues<char> _invisible = SearchValues.Create("\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF\u00AD");
    private static readonly SearchValues<char> _plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>What a value that could not be read as it stands may mean, most likely first.</summary>
    /// <param name="value">The value as written.</param>
    /// <returns>Readings, refanged; none for most values.</returns>
    public static IEnumerable<string> Readings(string value)
    {
        if (value.Length > Longest)
        {
            yield break;
        }

        if (!value.AsSpan().ContainsAnyExcept(_plain))
        {
            // Most of what a log has: names of files, numbers of versions.
            if (AddressOfPort(value) is { } plain)
            {
                yield return plain;
            }

            yield break;
        }

        var bare = WithoutInvisible(value);
        var unwrapped = Unwrapped(bare);
        if (unwrapped != value)
        {
            yield return Defanged.Refang(unwrapped);
        }

        var refanged = Defanged.Refang(unwrapped);
        if (HostOfPort(refanged) is { } host)
        {
            yield return host;
        }

        if (AddressOfPort(refanged) is { } address)
        {
            yield return address;
        }

        if (LengthPrefixed(unwrapped) is { } name)
        {
            yield return name;
        }

        if (Spelled().IsMatch(refanged))
        {
            yield return SpelledAt().Replace(SpelledDot().Replace(refanged, "."), "@");
        }
    }

    /// <summary>Takes typographic quotes off both ends: they are characters that a name may have, so nothing else would notice them.</summary>
    public static string WithoutQuotes(string value)
    {
        var text = value.AsSpan().Trim();
        return text.Length > 2 && text[..1].IndexOfAny(_quotes) == 0 && text[^1..].IndexOfAny(_quotes) == 0 ? text[1..^1].ToString() : value;
    }

    /// <summary><c>203.0.113.7.443</c>, as tcpdump and the netstat of BSD write it: four numbers without leading zeros, and a port.</summary>
    /// <returns>The address; null when it is anything else.</returns>
    public static string? AddressOfPort(string text)
    {
        var dot = text.LastIndexOf('.');
        if (dot < 0 || !IsPort(text.AsSpan(dot + 1)))
        {
            return null;
        }

        var address = text[..dot];
        return address.Contains(':', StringComparison.Ordinal)
            ? AddressText.IPv6(address) ?? AddressText.IPv4(address)
            : AddressText.IPv4(address) == address ? address : null;
    }

    /// <summary><c>(3)www(4)evil(7)example(0)</c>, as the DNS server of Windows writes names: each label behind its length, and every length right.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="name">Gets the name; as long as the text.</param>
    /// <returns>The length of the name; 0 when the text is anything else.</returns>
    public static int LengthPrefixed(ReadOnlySpan<byte> text, Span<byte> name)
    {
        var written = 0;
        while (text.Length >= 3 && text[0] == '(' && char.IsAsciiDigit((char)text[1]))
        {
            var close = text[2] == ')' ? 2 : 3;
            var length = text[1] - '0';
            if (close == 3)
            {
                if (text.Length < 4 || text[3] != ')' || !char.IsAsciiDigit((char)text[2]))
                {
                    return 0;
                }

                length = (length * 10) + text[2] - '0';
            }

            text = text[(close + 1)..];
            if (length == 0)
            {
                return text.IsEmpty && written <= LongestName ? written : 0;
            }

            if (length > Math.Min(text.Length, LongestLabel))
            {
                return 0;
            }

            if (written > 0)
            {
                name[written++] = (byte)'.';
            }

            text[..length].CopyTo(name[written..]);
            written += length;
            text = text[length..];
        }

        return 0;
    }

    private static string? LengthPrefixed(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var name = new byte[bytes.Length];
        return LengthPrefixed(bytes, name) is var length and > 0 ? Encoding.UTF8.GetString(name, 0, length) : null;
    }

    // 'host:port', as proxies write it for CONNECT.
    private static string? HostOfPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && text.AsSpan(0, colon).IndexOf('/') < 0 && (IsPort(text.AsSpan(colon + 1)) || text.AsSpan(colon + 1) is "0") ? text[..colon] : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length > 0 && text[0] != '0' && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string WithoutInvisible(string text)
    {
        if (!text.AsSpan().ContainsAny(_invisible))
        {
            return text;
        }

        return Invisible().Replace(text, string.Empty);
    }

    private static string Unwrapped(string text)
    {
        while (true)
        {
            var inside = text.Trim().TrimEnd(',', ';', '!', '\u3001');
            if (inside.Length >= 2 && IsPair(inside[0], inside[^1]) && !LengthOnly().IsMatch(inside))
            {
                inside = inside[1..^1];
            }

            inside = HashName().Replace(inside, string.Empty);
            if (inside == text)
            {
                return text;
            }

            text = inside;
        }
    }

    private static bool IsPair(char open, char close) => (open, close) is
        ('"', '"') or ('\'', '\'') or ('`', '`') or ('<', '>') or ('[', ']') or ('(', ')') or ('{', '}') or ('\u201C', '\u201D') or ('\u201E', '\u201C')
        or ('\u2018', '\u2019') or ('\u00AB', '\u00BB') or ('\u2039', '\u203A') or ('|', '|') or ('*', '*') or ('\u201D', '\u201D');

    [GeneratedRegex("[\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF\u00AD]")]
    private static partial Regex Invisible();

    // The parentheses of a length-prefixed name are its own.
    [GeneratedRegex(@"^\([0-9]{1,2}\)[^()]+\(.*\)$")]
    private static partial Regex LengthOnly();

    [GeneratedRegex(@"^(?:md5|sha-?(?:1|224|256|384|512)|ssdeep|ip|ipv4|ipv6|domain|host|url|uri|e?mail)\s*[:=]\s+(?=\S)|^(?:md5|sha-?(?:1|224|256|384|512))\s*[:=](?=[0-9A-Fa-f]{32})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HashName();

    // Labels with ' dot ' or ' . ' between them, and perhaps one ' at ': a sentence has other words, too.
    [GeneratedRegex(@"^(?:[^\s@]+\s+(?:at|@)\s+)?[\p{L}\p{N}_-]+(?:\s+(?:dot|\.)\s+[\p{L}\p{N}_-]+)+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Spelled();

    [GeneratedRegex(@"\s+(?:dot|\.)\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SpelledDot();

    [GeneratedRegex(@"\s+(?:at|@)\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SpelledAt();
}
