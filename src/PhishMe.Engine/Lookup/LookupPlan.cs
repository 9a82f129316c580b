using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// The rules: which keys a value is looked up under. Parents and wildcards are asked for one by one and exactly, label by label, so
/// <c>notevil.example</c> can never meet <c>evil.example</c>.
/// </summary>
internal static class LookupPlan
{
    private const string Wildcard = "*.";

    /// <summary>Adds the keys of a value, most precise first. Networks asked for have only their own key: their addresses are a range, not a key.</summary>
    public static void Add(LookupValue value, StoredNetworks networks, List<LookupKey> keys)
    {
        var text = value.Text;
        keys.Add(new LookupKey(KeySpace.Value, text, LookupRule.Same));
        switch (IndicatorKinds.Of(value.Kind).Shape)
        {
            case IndicatorShape.Name:
                AddDomain(text, keys);
                break;
            case IndicatorShape.Address:
                keys.Add(new LookupKey(KeySpace.UrlHost, text, LookupRule.Host));
                AddNetworks(text, networks, keys);
                break;
            case IndicatorShape.Url:
                AddUrl(text, networks, keys);
                break;
            case IndicatorShape.Mailbox:
                var domain = text[(text.LastIndexOf('@') + 1)..];
                keys.Add(new LookupKey(KeySpace.Value, domain, LookupRule.EmailDomain));
                AddAbove(domain, keys);
                break;
            case IndicatorShape.Unknown:
                if (IndicatorNormalizer.Normalize(IndicatorKind.Subject, text) is { } subject && subject != text)
                {
                    keys.Add(new LookupKey(KeySpace.Value, subject, LookupRule.Same));
                }

                break;
            case IndicatorShape.Hash or IndicatorShape.FuzzyHash or IndicatorShape.Text:
                break;
        }
    }

    /// <summary>First and last address of a network, as the index sorts them; false for what is no network.</summary>
    public static bool TryGetRange(LookupValue value, Span<byte> first, Span<byte> last, out int length)
    {
        length = 0;
        if (IndicatorKinds.Of(value.Kind).Shape != IndicatorShape.Address
            || value.Text.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash)
            || !IPAddress.TryParse(value.Text.AsSpan(0, slash), out var address))
        {
            return false;
        }

        var prefix = int.Parse(value.Text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        length = IndexKey.Write(address, first);
        IndexKey.Write(address, last);
        for (var bit = prefix; bit < (length - 1) * 8; bit++)
        {
            var mask = (byte)(0x80 >> (bit & 7));
            first[1 + (bit >> 3)] &= (byte)~mask;
            last[1 + (bit >> 3)] |= mask;
        }

        return true;
    }

    /// <summary>The network of an address, in normal form.</summary>
    public static string? NetworkOf(string address, int prefix)
    {
        if (!IPAddress.TryParse(address, out var parsed))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out var length);
        if (prefix > length * 8)
        {
            return null;
        }

        for (var bit = prefix; bit < length * 8; bit++)
        {
            bytes[bit >> 3] &= (byte)~(0x80 >> (bit & 7));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes[..length])}/{prefix}");
    }

    private static void AddDomain(string domain, List<LookupKey> keys)
    {
        if (domain.StartsWith(Wildcard, StringComparison.Ordinal))
        {
            // All that is below a domain: the domain itself stands above it.
            keys.Add(new LookupKey(KeySpace.Value, domain[Wildcard.Length..], LookupRule.Parent));
            AddAbove(domain[Wildcard.Length..], keys, itself: false);
            return;
        }

        keys.Add(new LookupKey(KeySpace.UrlHost, domain, LookupRule.Host));
        AddAbove(domain, keys);
    }

    private static void AddUrl(string url, StoredNetworks networks, List<LookupKey> keys)
    {
        var end = url.AsSpan().IndexOfAny('?', '#');
        var bare = end < 0 ? url : url[..end];
        if (end >= 0)
        {
            keys.Add(new LookupKey(KeySpace.Value, bare, LookupRule.SameWithoutQuery));
        }

        keys.Add(new LookupKey(KeySpace.UrlWithoutQuery, bare, LookupRule.SameWithoutQuery));
        var host = Encoding.UTF8.GetString(IndexKey.HostOf(Encoding.UTF8.GetBytes(url)));
        if (host.Length == 0)
        {
            return;
        }

        keys.Add(new LookupKey(KeySpace.Value, host, LookupRule.Host));
        keys.Add(new LookupKey(KeySpace.UrlHost, host, LookupRule.Host));
        if (IPAddress.TryParse(host, out _))
        {
            AddNetworks(host, networks, keys);
        }
        else
        {
            AddAbove(host, keys);
        }
    }

    /// <summary>Wildcards and parents with at least two labels: no one means a whole top-level domain.</summary>
    private static void AddAbove(string host, List<LookupKey> keys, bool itself = true)
    {
        if (itself)
        {
            keys.Add(new LookupKey(KeySpace.Value, Wildcard + host, LookupRule.Wildcard));
        }

        for (var dot = host.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            var parent = host[(dot + 1)..];
            if (!parent.Contains('.', StringComparison.Ordinal))
            {
                break;
            }

            keys.Add(new LookupKey(KeySpace.Value, Wildcard + parent, LookupRule.Wildcard));
            keys.Add(new LookupKey(KeySpace.Value, parent, LookupRule.Parent));
        }
    }

    private static void AddNetworks(string address, StoredNetworks networks, List<LookupKey> keys)
    {
        if (address.Contains('/', StringComparison.Ordinal))
        {
            return;
        }

        var six = address.Contains(':', StringComparison.Ordinal);
        foreach (var prefix in networks.Prefixes(six ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))
        {
            if (NetworkOf(address, prefix) is { } network)
            {
                foreach (var stored in networks.Spellings(network))
                {
                    keys.Add(new LookupKey(KeySpace.Value, stored, LookupRule.Network));
                }
            }
        }
    }
}
