using System.Net;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// Brings a value into the one form used for look-ups. Defanged input is refanged first (<see cref="Defanged.Refang"/>); then
/// <list type="bullet">
/// <item>hosts as browsers read them: percent-decoded, mapped as in UTS 46, composed, in A-labels, no trailing dot, at least two labels; a leading
/// wildcard stays as <c>*.</c></item>
/// <item>addresses as <see cref="AddressText"/> says</item>
/// <item>URLs as <see cref="UrlText"/> says</item>
/// <item>e-mail: lower case, domain as above, no <c>mailto:</c> or angle brackets</item>
/// <item>hashes: lower-case hexadecimal of the right length; ssdeep keeps its case</item>
/// <item>subjects: lower case, runs of white space as one blank</item>
/// </list>
/// The answer depends neither on the culture nor on the operating system.
/// </summary>
internal static class IndicatorNormalizer
{
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

        var descriptor = IndicatorKinds.Of(kind);
        return descriptor.Shape switch
        {
            IndicatorShape.Name => DomainName.Normalize(HostText.Decode(Defanged.Refang(value))),
            IndicatorShape.Address => kind == IndicatorKind.IPv4 ? AddressText.IPv4(Defanged.Refang(value)) : AddressText.IPv6(Defanged.Refang(value)),
            IndicatorShape.Url => Url(Defanged.Refang(UrlText.WithoutControls(value))),
            IndicatorShape.Mailbox => EmailText.Normalize(Defanged.Refang(value)),
            IndicatorShape.Hash => FileHashText.Hexadecimal(value, descriptor.HashLength!.Value),
            IndicatorShape.FuzzyHash => FileHashText.Ssdeep(value.Trim()),
            IndicatorShape.Text => Subject(value),
            IndicatorShape.Unknown => value.Trim(),
        };
    }

    /// <summary>Finds out what a value is - what a person types or pipes in - and normalises it.</summary>
    /// <param name="value">The value, possibly defanged, quoted or in brackets, or as a log writes it.</param>
    /// <param name="kind">What it is; <see cref="IndicatorKind.Unknown"/> when nothing fits.</param>
    /// <param name="normalized">Its normal form; the trimmed text when nothing fits.</param>
    /// <returns>Whether a kind fits.</returns>
    public static bool TryDetect(string value, out IndicatorKind kind, out string normalized)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (TryRead(Defanged.Refang(WrittenValue.WithoutQuotes(value)), out kind, out normalized))
        {
            return true;
        }

        foreach (var meant in WrittenValue.Readings(value))
        {
            if (TryRead(meant, out kind, out normalized))
            {
                return true;
            }
        }

        kind = IndicatorKind.Unknown;
        normalized = value.Trim();
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
        return UrlText.HostOf(Defanged.Refang(url), out kind);
    }

    private static bool TryRead(string text, out IndicatorKind kind, out string normalized)
    {
        kind = Detect(text);
        var found = Normalize(kind, text);
        normalized = found ?? text;
        return kind != IndicatorKind.Unknown && found is not null;
    }

    private static IndicatorKind Detect(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) || text.Contains(":\\\\", StringComparison.Ordinal))
        {
            return IndicatorKind.Url;
        }

        if (!text.AsSpan().ContainsAnyExceptInRange('0', 'f'))
        {
            var hash = IndicatorKinds.OfHash(text.Length);
            if (hash != IndicatorKind.Unknown && Normalize(hash, text) is not null)
            {
                return hash;
            }
        }

        if (AddressText.IPv4(text) is not null)
        {
            return IndicatorKind.IPv4;
        }

        if (AddressText.IPv6(text) is not null)
        {
            return IndicatorKind.IPv6;
        }

        if (text.Contains('@', StringComparison.Ordinal) && !text.Contains('/', StringComparison.Ordinal))
        {
            return IndicatorKind.Email;
        }

        if (!text.Contains('.', StringComparison.Ordinal) && FileHashText.Ssdeep(text) is not null)
        {
            return IndicatorKind.Ssdeep;
        }

        return text.Contains('/', StringComparison.Ordinal) ? IndicatorKind.Url : IndicatorKind.Domain;
    }

    private static string? Url(string refanged)
    {
        var normal = UrlText.Normalize(refanged);
        // With the scheme that was missing, a bracket left open is seen to be in the host: '/(@host'.
        while (normal is not null && normal != refanged && Defanged.Refang(normal) is var shorter && shorter != normal)
        {
            refanged = shorter;
            normal = UrlText.Normalize(refanged);
        }

        return normal;
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
