using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat ready to be stored: parsed, normalised and compressed while its page was being fetched, so that the commit only writes.</summary>
internal sealed record PreparedThreat
{
    public required ThreatId Id { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? LastPublished { get; init; }

    public required ContentHash Content { get; init; }

    /// <summary>As <see cref="StoredJson"/> packs it.</summary>
    public required byte[] Json { get; init; }

    public string? Label { get; init; }

    public string? DetailUrl { get; init; }

    public Impact? Impact { get; init; }

    public IReadOnlyList<string> Families { get; init; } = [];

    public IReadOnlyList<string> DeliveryMechanisms { get; init; } = [];

    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Each once.</summary>
    public IReadOnlyList<IndexedIndicator> Indicators { get; init; } = [];

    /// <summary>Whether the threat could be read. If not, its indicators are unknown, which is not the same as none.</summary>
    public bool IsRead { get; init; }

    /// <summary>Reads the threat and prepares it.</summary>
    public static PreparedThreat Of(ThreatDocument document) => Of(document, ReadThreat.Of(document.Json).Threat);

    /// <param name="document">The threat as received.</param>
    /// <param name="threat">What it says; null when it is good enough to be handed over, but not to be read: it is kept without indicators.</param>
    public static PreparedThreat Of(ThreatDocument document, Threat? threat)
    {
        var prepared = new PreparedThreat
        {
            Id = document.Id,
            FirstPublished = document.FirstPublished,
            LastPublished = document.LastPublished,
            Content = document.Content,
            Json = StoredJson.Pack(document.Json.Span),
        };
        return threat is null
            ? prepared
            : prepared with
            {
                IsRead = true,
                Label = threat.Label,
                DetailUrl = threat.ThreatDetailUri,
                Impact = threat.Impact,
                Families = threat.Families,
                DeliveryMechanisms = threat.DeliveryMechanisms,
                Brands = threat.Brands,
                Indicators = Distinct(threat.Indicators),
            };
    }

    private static List<IndexedIndicator> Distinct(IReadOnlyList<Indicator> indicators)
    {
        var seen = new HashSet<IndexedIndicator>(indicators.Count, SameValue.Comparer);
        var distinct = new List<IndexedIndicator>(indicators.Count);
        foreach (var indicator in indicators)
        {
            var indexed = IndexedIndicator.Of(indicator);
            if (seen.Add(indexed))
            {
                distinct.Add(indexed);
            }
        }

        return distinct;
    }

    /// <summary>The hash of the value alone is enough to tell nearly all apart; those of roles and families are the same for most.</summary>
    private sealed class SameValue : IEqualityComparer<IndexedIndicator>
    {
        public static SameValue Comparer { get; } = new();

        public bool Equals(IndexedIndicator one, IndexedIndicator other) => one.Equals(other);

        public int GetHashCode(IndexedIndicator indicator) => string.GetHashCode(indicator.Value);
    }
}
