using System.Globalization;
using System.Net;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Lookup;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>What must never be written: one's own domains and networks, services no one can do without.</summary>
internal sealed class AllowList
{
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _domains = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _domainsBySpan;
    private readonly List<IPNetwork> _networks = [];

    private AllowList()
    {
        _domainsBySpan = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <exception cref="PhishMeException">An entry is nothing that could be looked for: left out silently, it would allow nothing.</exception>
    public static AllowList? Of(IReadOnlyList<string> entries)
    {
        var list = new AllowList();
        foreach (var entry in entries)
        {
            // Lists of indicators come from files with blank lines and comments.
            if (!string.IsNullOrWhiteSpace(entry) && !entry.TrimStart().StartsWith('#'))
            {
                list.Add(entry);
            }
        }

        return list._values.Count + list._domains.Count + list._networks.Count > 0 ? list : null;
    }

    /// <summary>Whether an indicator stands on the list, or below something that does.</summary>
    public bool Covers(Indicator indicator) => Covers(indicator.Kind, indicator.NormalizedValue ?? indicator.Value);

    /// <summary>The same for a value.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="value">In normal form, or as received.</param>
    public bool Covers(IndicatorKind kind, string value)
    {
        if (_values.Contains(kind == IndicatorKind.Url ? UrlText.ForComparison(value) : value))
        {
            return true;
        }

        return IndicatorKinds.Of(kind).Shape switch
        {
            IndicatorShape.Name => CoversName(value),
            IndicatorShape.Address => CoversAddress(value),
            IndicatorShape.Url => IndicatorNormalizer.HostOf(value, out var hostKind) is { } host && Covers(hostKind, host),
            IndicatorShape.Mailbox => CoversName(value.AsSpan(value.LastIndexOf('@') + 1)),
            IndicatorShape.Unknown => IndicatorNormalizer.TryDetect(value, out var detected, out var normal) && Covers(detected, normal),
            IndicatorShape.Hash or IndicatorShape.FuzzyHash or IndicatorShape.Text => false,
        };
    }

    private static IPNetwork? NetworkOf(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            && LookupPlan.NetworkOf(value[..slash], prefix) is { } network
                ? IPNetwork.Parse(network)
                : null;
    }

    private static string WithoutWildcard(string domain) => domain.StartsWith("*.", StringComparison.Ordinal) ? domain[2..] : domain;

    private void Add(string entry)
    {
        if (!IndicatorNormalizer.TryDetect(entry, out var kind, out var normal))
        {
            throw new PhishMeException(Faults.IndicatorNotRecognized, $"'{entry.Trim()}' on the allow list is not a domain, IP address, network, URL, e-mail address or hash.");
        }

        if (kind == IndicatorKind.Domain)
        {
            _domains.Add(WithoutWildcard(normal));
        }
        else if (kind is IndicatorKind.IPv4 or IndicatorKind.IPv6 && NetworkOf(normal) is IPNetwork network)
        {
            _networks.Add(network);
        }
        else
        {
            _values.Add(kind == IndicatorKind.Url ? UrlText.ForComparison(normal) : normal);
        }
    }

    private bool CoversName(ReadOnlySpan<char> name)
    {
        while (true)
        {
            if (_domainsBySpan.Contains(name))
            {
                return true;
            }

            var dot = name.IndexOf('.');
            if (dot < 0)
            {
                return false;
            }

            name = name[(dot + 1)..];
        }
    }

    // A network that only touches one of ours would still be blocked together with it.
    private bool CoversAddress(string value)
    {
        if (NetworkOf(value) is IPNetwork asked)
        {
            return _networks.Exists(network => network.Contains(asked.BaseAddress) || asked.Contains(network.BaseAddress))
                || _values.Any(known => IPAddress.TryParse(known, out var inside) && asked.Contains(inside));
        }

        return _networks.Count > 0 && IPAddress.TryParse(value, out var address) && _networks.Exists(network => network.Contains(address));
    }
}
