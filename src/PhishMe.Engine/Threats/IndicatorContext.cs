using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>What all indicators of a threat share.</summary>
internal readonly record struct IndicatorContext(
    ThreatId Id, DateTimeOffset? First, DateTimeOffset? Last, string? Brands, string? Detail)
{
    private const string PhishRole = "Phish";

    public Indicator Phish(IndicatorSource source, IndicatorKind kind, string value) =>
        Create(source, kind, value, corollary: false, Impact.Major, PhishRole);

    public Indicator Corollary(IndicatorSource source, IndicatorKind kind, string value) =>
        Create(source, kind, value, corollary: true, null, null);

    private Indicator Create(IndicatorSource source, IndicatorKind kind, string value, bool corollary, Impact? impact, string? role)
    {
        var normalized = Normalize(ref kind, value);
        return new Indicator
        {
            ThreatId = Id,
            Kind = kind,
            Value = value,
            NormalizedValue = normalized,
            Impact = impact,
            Role = role,
            Corollary = corollary,
            Source = source,
            FirstPublished = First,
            LastPublished = Last,
            Brands = Brands,
            ThreatDetailUrl = Detail,
        };
    }

    // The value knows better than its label which sort of address or name it is.
    public static string? Normalize(ref IndicatorKind kind, string value)
    {
        var normalized = kind == IndicatorKind.Unknown ? null : IndicatorNormalizer.Normalize(kind, value);
        if (normalized is not null || kind is not (IndicatorKind.Domain or IndicatorKind.IPv4 or IndicatorKind.IPv6))
        {
            return normalized;
        }

        ReadOnlySpan<IndicatorKind> others = [IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain];
        foreach (var other in others)
        {
            if (other != kind && IndicatorNormalizer.Normalize(other, value) is { } found)
            {
                kind = other;
                return found;
            }
        }

        return null;
    }
}
