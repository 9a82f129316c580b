using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>A value in a report of Carbon Black. Its validator refuses a whole feed for one value that breaks these rules.</summary>
/// <param name="Kind">The list that it goes to: that of domains, addresses or hashes.</param>
/// <param name="Value">As it stands there.</param>
internal sealed record CarbonBlackValue(IndicatorKind Kind, string Value)
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>The value of an indicator: of a URL, its host. Null when the feed cannot hold it: a wildcard, a network, a name with an underscore.</summary>
    public static CarbonBlackValue? Of(IndicatorKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return kind switch
        {
            IndicatorKind.Domain => IsName(value) ? new CarbonBlackValue(kind, value) : null,
            IndicatorKind.IPv4 => value.Contains('/', StringComparison.Ordinal) ? null : new CarbonBlackValue(kind, value),
            IndicatorKind.Url => IndicatorNormalizer.HostOf(value, out _) is string host ? OfHost(host) : null,
            _ => new CarbonBlackValue(kind, value),
        };
    }

    private static CarbonBlackValue? OfHost(string host) =>
        IndicatorNormalizer.Normalize(IndicatorKind.Domain, host) is string name ? Of(IndicatorKind.Domain, name)
        : IndicatorNormalizer.Normalize(IndicatorKind.IPv4, host) is string address ? Of(IndicatorKind.IPv4, address)
        : null;

    private static bool IsName(string name)
    {
        if (name.Length > LongestName || !name.Contains('.', StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan()[range];
            if (label.Length is 0 or > LongestLabel || !char.IsAsciiLetterOrDigit(label[0]) || label.ContainsAnyExcept(_inLabel))
            {
                return false;
            }
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> _inLabel =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}
