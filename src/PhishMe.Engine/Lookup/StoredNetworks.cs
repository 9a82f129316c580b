using System.Globalization;
using System.Net.Sockets;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// The networks among the stored indicators. There are few or none, so an address is compared only with prefixes that occur. A network may be stored
/// with an address in it (<c>192.0.2.7/24</c>): every spelling is kept.
/// </summary>
internal sealed class StoredNetworks
{
    private readonly SortedSet<int> _four = [];
    private readonly SortedSet<int> _six = [];
    private readonly Dictionary<string, List<string>> _spellings = new(StringComparer.Ordinal);

    public StoredNetworks(IReadOnlyList<string> stored)
    {
        foreach (var network in stored)
        {
            Add(network);
        }
    }

    /// <summary>Whether there are any.</summary>
    public bool Any => _spellings.Count > 0;

    /// <summary>The lengths of prefixes that occur, longest first.</summary>
    public IEnumerable<int> Prefixes(AddressFamily family) => (family == AddressFamily.InterNetwork ? _four : _six).Reverse();

    /// <summary>How a network in normal form is stored.</summary>
    public IReadOnlyList<string> Spellings(string network) => _spellings.TryGetValue(network, out var stored) ? stored : [];

    private void Add(string stored)
    {
        var slash = stored.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !int.TryParse(stored.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || LookupPlan.NetworkOf(stored[..slash], prefix) is not { } network)
        {
            return;
        }

        _ = (stored.Contains(':', StringComparison.Ordinal) ? _six : _four).Add(prefix);
        if (!_spellings.TryGetValue(network, out var spellings))
        {
            _spellings.Add(network, spellings = []);
        }

        spellings.Add(stored);
    }
}
