using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// Brings a value into the one form used for look-ups. Defanged input is refanged first (<see cref="Defanged.Refang"/>); then
/// <list type="bullet">
/// <item>domains: lower case, A-labels, no trailing dot, at least two labels; a leading wildcard stays as <c>*.</c></item>
/// <item>IPv4: four decimal numbers without leading zeros, optionally <c>/prefix</c>; a port is dropped</item>
/// <item>IPv6: RFC 5952, no brackets, no zone, optionally <c>/prefix</c></item>
/// <item>URLs: scheme and host as above, default port and lone <c>?</c> dropped, an empty path becomes <c>/</c>; user, path, query and fragment byte for byte</item>
/// <item>e-mail: lower case (the local part too: nobody relies on its case), domain as above, no <c>mailto:</c> or angle brackets</item>
/// <item>hashes: lower-case hex of the right length; ssdeep keeps its case</item>
/// <item>subjects: lower case, runs of white space as one blank</item>
/// </list>
/// The answer depends neither on the culture nor on the operating system.
/// </summary>
public static class IndicatorNormalizer
{
    private const int MaximumUrl = 8192;
    private static readonly SearchValues<char> _hex = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> _authorityEnd = SearchValues.Create("/?#\\");
    private static readonly SearchValues<char> _noHost = SearchValues.Create(" <>\"[]:@");
    private static readonly SearchValues<char> _email = SearchValues.Create(" \t\r\n,;:\"()<>[]\\@");

    /// <summary>Normalises a value of a known kind.</summary>
    /// <param name="kind">What the value is.</param>
    /// <param name="value">The value, as received or as typed.</param>
    /// <returns>The normal form; null when the value is no well-formed <paramref name="kind"/>.</returns>
    public static string? Normalize(IndicatorKind kind, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        switch (kind)
        {
            case IndicatorKind.Domain: return DomainName.Normalize(Defanged.Refang(value));
            case IndicatorKind.IPv4: return IPv4(Defanged.Refang(value));
            case IndicatorKind.IPv6: return IPv6(Defanged.Refang(value));
            case IndicatorKind.Url: return Url(Defanged.Refang(value));
            case IndicatorKind.Email: return Email(Defanged.Refang(value));
            case IndicatorKind.Md5: return Hash(value, 32);
            case IndicatorKind.Sha1: return Hash(value, 40);
            case IndicatorKind.Sha224: return Hash(value, 56);
            case IndicatorKind.Sha256: return Hash(value, 64);
            case IndicatorKind.Sha384: return Hash(value, 96);
            case IndicatorKind.Sha512: return Hash(value, 128);
            case IndicatorKind.Ssdeep: return Ssdeep(value.Trim());
            case IndicatorKind.Subject: return Subject(value);
            default: return value.Trim();
        }
    }

    /// <summary>Finds out what a value is - what a person types or pipes in - and normalises it.</summary>
    /// <param name="value">The value, possibly defanged.</param>
    /// <param name="kind">What it is; <see cref="IndicatorKind.Unknown"/> when nothing fits.</param>
    /// <param name="normalized">Its normal form; the trimmed text when nothing fits.</param>
    /// <returns>Whether a kind fits.</returns>
    public static bool TryDetect(string value, out IndicatorKind kind, out string normalized)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = Defanged.Refang(value);
        kind = Detect(text);
        if (kind != IndicatorKind.Unknown && Normalize(kind, text) is { } found)
        {
            normalized = found;
            return true;
        }

        kind = IndicatorKind.Unknown;
        normalized = text;
        return false;
    }

    /// <summary>
    /// Whether an address (normal form, also with prefix) may stand in a list for firewalls: not private, loopback, link-local, multicast or
    /// otherwise reserved for a network's own use. The documentation ranges count as public.
    /// </summary>
    /// <param name="address">IPv4 or IPv6 in normal form.</param>
    /// <returns>False also for what is no address.</returns>
    public static bool IsPublicAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var slash = address.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? address : address.AsSpan(0, slash);
        if (!IPAddress.TryParse(host, out var ip))
        {
            return false;
        }

        if (ip.IsIPv4MappedToIPv6)
        {
            ip = ip.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        if (!ip.TryWriteBytes(bytes, out var length))
        {
            return false;
        }

        if (length == 4)
        {
            return bytes[0] switch
            {
                0 or 10 or 127 or >= 224 => false,
                100 => bytes[1] is < 64 or > 127,
                169 => bytes[1] != 254,
                172 => bytes[1] is < 16 or > 31,
                192 => bytes[1] != 168,
                _ => true,
            };
        }

        return !(ip.IsIPv6LinkLocal || ip.IsIPv6Multicast || ip.IsIPv6SiteLocal || ip.IsIPv6UniqueLocal
            || ip.Equals(IPAddress.IPv6Loopback) || ip.Equals(IPAddress.IPv6Any));
    }

    /// <summary>Host of a URL: the lower-case A-label name or canonical address, without port.</summary>
    /// <param name="url">The URL, possibly defanged.</param>
    /// <param name="kind">Domain, IPv4 or IPv6.</param>
    /// <returns>The host; null when there is none.</returns>
    public static string? HostOf(string url, out IndicatorKind kind)
    {
        ArgumentNullException.ThrowIfNull(url);
        kind = IndicatorKind.Unknown;
        var text = Defanged.Refang(url);
        var start = text.IndexOf("://", StringComparison.Ordinal);
        start = start < 0 ? 0 : start + 3;
        var authority = AuthorityOf(text, start);
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        return SplitPort(authority, out var host, out _) ? NormalizeHost(host, out kind) : null;
    }

    private static IndicatorKind Detect(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return IndicatorKind.Url;
        }

        if (!text.AsSpan().ContainsAnyExceptInRange('0', 'f'))
        {
            var hash = text.Length switch
            {
                32 => IndicatorKind.Md5,
                40 => IndicatorKind.Sha1,
                56 => IndicatorKind.Sha224,
                64 => IndicatorKind.Sha256,
                96 => IndicatorKind.Sha384,
                128 => IndicatorKind.Sha512,
                _ => IndicatorKind.Unknown,
            };
            if (hash != IndicatorKind.Unknown && Normalize(hash, text) is not null)
            {
                return hash;
            }
        }

        if (IPv4(text) is not null)
        {
            return IndicatorKind.IPv4;
        }

        if (IPv6(text) is not null)
        {
            return IndicatorKind.IPv6;
        }

        if (text.Contains('@', StringComparison.Ordinal) && !text.Contains('/', StringComparison.Ordinal))
        {
            return IndicatorKind.Email;
        }

        if (Ssdeep(text) is not null)
        {
            return IndicatorKind.Ssdeep;
        }

        return text.Contains('/', StringComparison.Ordinal) ? IndicatorKind.Url : IndicatorKind.Domain;
    }

    private static string? IPv4(string text)
    {
        var rest = text.AsSpan().TrimEnd(".?");
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

        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in rest.Split('.'))
        {
            var part = rest[range];

            // Leading zeros are read as decimal, as a person means them; the octal reading of C libraries would be another address.
            if (count == 4 || part.Length is 0 or > 3 || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
            {
                return null;
            }

            octets[count++] = octet;
        }

        if (count != 4)
        {
            return null;
        }

        var canonical = string.Create(CultureInfo.InvariantCulture, $"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}");
        return prefix < 0 ? canonical : string.Create(CultureInfo.InvariantCulture, $"{canonical}/{prefix}");
    }

    private static string? IPv6(string text)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
        {
            return null;
        }

        var rest = text.AsSpan().TrimEnd("?");
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

        var canonical = address.ToString();
        return prefix < 0 ? canonical : string.Create(CultureInfo.InvariantCulture, $"{canonical}/{prefix}");
    }

    private static ReadOnlySpan<char> AuthorityOf(string text, int start)
    {
        var rest = text.AsSpan(start);
        var end = rest.IndexOfAny(_authorityEnd);
        return end < 0 ? rest : rest[..end];
    }

    private static bool SplitPort(ReadOnlySpan<char> hostAndPort, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port)
    {
        host = hostAndPort;
        port = default;
        var colon = hostAndPort.LastIndexOf(':');
        if (colon >= 0 && hostAndPort.LastIndexOf(']') < colon)
        {
            host = hostAndPort[..colon];
            port = hostAndPort[(colon + 1)..];
            if (!port.IsEmpty && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return false;
            }
        }

        return !host.IsEmpty;
    }

    private static string? NormalizeHost(ReadOnlySpan<char> host, out IndicatorKind kind)
    {
        var text = host.ToString();
        if (text[0] == '[')
        {
            kind = IndicatorKind.IPv6;
            return IPv6(text);
        }

        kind = IndicatorKind.IPv4;
        if (IPv4(text) is { } address)
        {
            return address;
        }

        kind = IndicatorKind.Domain;
        return DomainName.Normalize(text);
    }

    private static string? Url(string text)
    {
        if (text.Length > MaximumUrl)
        {
            return null;
        }

        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return null;
            }
        }

        var mark = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = "http";
        var start = 0;
        if (mark >= 0)
        {
            var written = text.AsSpan(0, mark);
            if (written.IsEmpty || written.Length > 20 || !char.IsAsciiLetter(written[0]) || !IsScheme(written))
            {
                return null;
            }

            scheme = written.ToString().ToLowerInvariant();
            start = mark + 3;
        }

        var authority = AuthorityOf(text, start);
        var rest = text.AsSpan(start + authority.Length);
        var at = authority.LastIndexOf('@');
        var user = authority[..(at + 1)];
        if (!SplitPort(authority[(at + 1)..], out var host, out var port))
        {
            return null;
        }

        if (NormalizeHost(host, out var kind) is not { } name)
        {
            // Hosts of one label exist in intranets; as part of a URL they do no harm.
            name = host.ToString().ToLowerInvariant();
            if (name.AsSpan().ContainsAny(_noHost) || !Ascii.IsValid(name))
            {
                return null;
            }
        }

        var defaultPort = port.IsEmpty || scheme switch { "http" => port is "80", "https" => port is "443", "ftp" => port is "21", _ => false };
        if (rest is "?" or "/?")
        {
            rest = "/";
        }

        var result = new StringBuilder(text.Length + 8);
        result.Append(scheme).Append("://").Append(user);
        if (kind == IndicatorKind.IPv6 && name[0] != '[')
        {
            result.Append('[').Append(name).Append(']');
        }
        else
        {
            result.Append(name);
        }

        if (!defaultPort)
        {
            result.Append(':').Append(port);
        }

        if (rest.IsEmpty || rest[0] != '/')
        {
            result.Append('/');
        }

        result.Append(rest);
        var normal = result.ToString();
        return normal == text ? text : normal;
    }

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private static string? Email(string text)
    {
        var rest = text.AsSpan().TrimEnd(".?");
        if (rest.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[7..];
        }

        if (rest.StartsWith("<", StringComparison.Ordinal) && rest.EndsWith(">", StringComparison.Ordinal))
        {
            rest = rest[1..^1];
        }

        var at = rest.LastIndexOf('@');
        if (at is < 1 or > 64 || rest[..at].ContainsAny(_email) || DomainName.Normalize(rest[(at + 1)..].ToString()) is not { } domain || domain[0] == '*')
        {
            return null;
        }

        var normal = string.Concat(rest[..at].ToString().ToLowerInvariant(), "@", domain);
        return normal == text ? text : normal;
    }

    private static string? Hash(string value, int length)
    {
        var trimmed = value.AsSpan().Trim();
        if (trimmed.Length != length)
        {
            return null;
        }

        if (!trimmed.ContainsAnyExcept(_hex))
        {
            return trimmed.Length == value.Length ? value : trimmed.ToString();
        }

        var lower = trimmed.ToString().ToLowerInvariant();
        return lower.AsSpan().ContainsAnyExcept(_hex) ? null : lower;
    }

    // blocksize:hash:hash. The tool prints the name of the file behind a comma: cut off.
    private static string? Ssdeep(string text)
    {
        if (text.IndexOf(',', StringComparison.Ordinal) is var comma and >= 0)
        {
            text = text[..comma].TrimEnd();
        }

        var first = text.IndexOf(':', StringComparison.Ordinal);
        var second = first < 1 ? -1 : text.IndexOf(':', first + 1);
        return second > 0
            && text.Length <= 255
            && int.TryParse(text.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && size > 0
            && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? text
            : null;
    }

    private static string Subject(string value)
    {
        var result = new StringBuilder(value.Length);
        foreach (var c in value.AsSpan().Trim())
        {
            if (!char.IsWhiteSpace(c))
            {
                result.Append(char.ToLowerInvariant(c));
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return result.ToString();
    }
}
