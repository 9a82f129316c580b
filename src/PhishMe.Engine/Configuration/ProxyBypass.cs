using System.Buffers;
using System.Globalization;
using System.Net;
using PhishMe.Engine.Indicators;

namespace PhishMe.Engine.Configuration;

/// <summary>The entries of <c>bypass</c>: hosts that are reached without the proxy.</summary>
internal static class ProxyBypass
{
    private static readonly SearchValues<char> _neverInNames = SearchValues.Create("/:*?@<>()");

    /// <summary>Whether an entry names a host.</summary>
    /// <param name="host">The host of the API, as the URL has it: a name in A-labels or an address.</param>
    /// <param name="entry">A name, <c>*.name</c> or <c>.name</c> for all below it, <c>*</c> for all, an address, or a network in CIDR notation.</param>
    public static bool Matches(string host, string entry)
    {
        entry = entry.Trim('[', ']');
        if (entry == "*")
        {
            return true;
        }

        if (NetworkOf(entry) is (IPAddress network, int prefix))
        {
            return IPAddress.TryParse(host.Trim('[', ']'), out var address) && Contains(network, prefix, address);
        }

        if (entry.StartsWith("*.", StringComparison.Ordinal) || entry.StartsWith('.'))
        {
            return host.EndsWith(entry[entry.IndexOf('.', StringComparison.Ordinal)..], StringComparison.OrdinalIgnoreCase);
        }

        return host.Trim('[', ']').Equals(entry, StringComparison.OrdinalIgnoreCase)
            || (HostText.Normalize(host, out _) is { } one && HostText.Normalize(entry, out _) is { } other && one == other);
    }

    /// <summary>Whether an entry can match any host at all.</summary>
    public static bool IsUsable(string entry)
    {
        var bare = entry.Trim('[', ']');
        if (bare == "*" || IPAddress.TryParse(bare, out _) || NetworkOf(bare) is not null)
        {
            return true;
        }

        var name = bare.StartsWith("*.", StringComparison.Ordinal) ? bare[2..] : bare.TrimStart('.');
        return name.Length > 0 && !name.AsSpan().ContainsAny(_neverInNames) && Uri.CheckHostName(name) is UriHostNameType.Dns;
    }

    private static (IPAddress Network, int Prefix)? NetworkOf(string entry)
    {
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && IPAddress.TryParse(entry.AsSpan(0, slash), out var address)
            && int.TryParse(entry.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            && prefix <= address.GetAddressBytes().Length * 8
                ? (address, prefix)
                : null;
    }

    private static bool Contains(IPAddress network, int prefix, IPAddress address)
    {
        var one = network.GetAddressBytes();
        var other = address.GetAddressBytes();
        for (var bit = 0; bit < prefix && one.Length == other.Length; bit++)
        {
            if (((one[bit >> 3] ^ other[bit >> 3]) & (0x80 >> (bit & 7))) != 0)
            {
                return false;
            }
        }

        return one.Length == other.Length;
    }
}
