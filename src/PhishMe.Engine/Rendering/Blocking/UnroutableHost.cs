using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>
/// Addresses and names that mean something else in every network, so that no list for the public may hold them: private, loopback, link-local, multicast
/// and reserved ranges (IANA special-purpose registries), and the names of RFC 6761, 6762 with its appendix G, and 8375. What documentation, tests and demos
/// live on stays, because it leads nowhere in any network: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32, and names below example, test and
/// invalid. A name below onion (RFC 7686) stays, too: it leads to the same place from everywhere, and command servers have such names.
/// </summary>
internal static class UnroutableHost
{
    private static readonly SearchValues<char> _authorityEnd = SearchValues.Create("/?#\\");

    private static readonly IPNetwork[] _ranges4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "224.0.0.0/3",
        }.Select(range => IPNetwork.Parse(range)),
    ];

    private static readonly IPNetwork[] _ranges6 =
    [
        .. new[] { "::/127", "100::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8" }.Select(range => IPNetwork.Parse(range)),
    ];

    // An IPv4 address is carried by compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056) addresses.
    private static readonly (IPNetwork Range, int At)[] _carriers =
    [
        (IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2),
    ];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lastLabels = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "localhost", "localdomain", "local", "arpa", "internal", "intranet", "private", "corp", "home", "lan",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether an indicator is, or leads to, such a host.</summary>
    /// <param name="kind">What the value is.</param>
    /// <param name="value">The value in normal form.</param>
    public static bool IsIn(IndicatorKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IndicatorKinds.Of(kind).Shape switch
        {
            IndicatorShape.Address => IsAddress(value),
            IndicatorShape.Name => IsName(value),
            IndicatorShape.Url => IsHostOfUrl(value),
            IndicatorShape.Mailbox => IsHost(value.AsSpan(value.LastIndexOf('@') + 1)),
            IndicatorShape.Unknown or IndicatorShape.Hash or IndicatorShape.FuzzyHash or IndicatorShape.Text => false,
        };
    }

    /// <summary>Whether an address, with or without a prefix length, is such a one or a network that holds some of them.</summary>
    /// <param name="text">The address; what is no address counts as unroutable.</param>
    public static bool IsAddress(ReadOnlySpan<char> text)
    {
        var prefix = -1;
        if (text.IndexOf('/') is var slash and >= 0)
        {
            if (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
            {
                return true;
            }

            text = text[..slash];
        }

        return !IPAddress.TryParse(text, out var address) || IsAddress(address, prefix);
    }

    private static bool IsAddress(IPAddress address, int prefix)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Touches(_ranges4, address, prefix is < 0 or > 32 ? 32 : prefix);
        }

        prefix = prefix is < 0 or > 128 ? 128 : prefix;
        if (address.IsIPv4MappedToIPv6)
        {
            return IsAddress(address.MapToIPv4(), Math.Clamp(prefix - 96, 0, 32));
        }

        if (Touches(_ranges6, address, prefix))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        foreach ((var range, var at) in _carriers)
        {
            if (range.Contains(address))
            {
                return IsAddress(new IPAddress(bytes.Slice(at, 4)), Math.Clamp(prefix - (at * 8), 0, 32));
            }
        }

        return false;
    }

    // A network that only touches such a range would block it as well.
    private static bool Touches(IPNetwork[] ranges, IPAddress address, int prefix)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address) || (prefix < range.PrefixLength && Contains(address, prefix, range.BaseAddress)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(IPAddress network, int prefix, IPAddress address)
    {
        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        network.TryWriteBytes(left, out _);
        address.TryWriteBytes(right, out _);
        var whole = prefix / 8;
        return left[..whole].SequenceEqual(right[..whole]) && (prefix % 8 == 0 || (left[whole] ^ right[whole]) >> (8 - (prefix % 8)) == 0);
    }

    private static bool IsHostOfUrl(string url)
    {
        if (IndicatorNormalizer.HostOf(url, out var kind) is string host)
        {
            return kind == IndicatorKind.Domain ? IsName(host) : IsAddress(host);
        }

        // No canonical host: a name of one label, as intranets have, or one that DNS does not know.
        var rest = url.AsSpan();
        rest = rest.IndexOf("://", StringComparison.Ordinal) is var mark and >= 0 ? rest[(mark + 3)..] : rest;
        rest = rest.IndexOfAny(_authorityEnd) is var end and >= 0 ? rest[..end] : rest;
        rest = rest[(rest.LastIndexOf('@') + 1)..];
        return IsHost(rest.LastIndexOf(':') is var port and >= 0 && rest.IndexOf(']') < port ? rest[..port] : rest);
    }

    private static bool IsHost(ReadOnlySpan<char> host) =>
        host is ['[', .., ']'] ? IsAddress(host[1..^1].StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? host[6..^1] : host[1..^1])
        : IPAddress.TryParse(host, out var address) ? IsAddress(address, -1)
        : IsName(host);

    private static bool IsName(ReadOnlySpan<char> name)
    {
        name = name.TrimEnd('.');
        var dot = name.LastIndexOf('.');
        return dot < 0 || _lastLabels.Contains(name[(dot + 1)..]);
    }
}
