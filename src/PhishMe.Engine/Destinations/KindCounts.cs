using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>What becomes of the indicators of a delivery, by kind: an empty target that looks like success for months shows here.</summary>
internal sealed class KindCounts
{
    private readonly Dictionary<IndicatorKind, KindCount> _counts = [];

    /// <summary>Nothing was counted. Never added to.</summary>
    public static KindCounts None { get; } = new();

    /// <summary>The kinds that occurred, in their order.</summary>
    public IReadOnlyList<KindCount> Kinds => [.. _counts.Values.OrderBy(count => count.Kind)];

    /// <summary>Counts an indicator.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="isCarried">Whether the target has a place for this kind.</param>
    /// <param name="isDelivered">Whether it is delivered.</param>
    public void Add(IndicatorKind kind, bool isCarried, bool isDelivered)
    {
        var count = _counts.GetValueOrDefault(kind) ?? new KindCount { Kind = kind };
        _counts[kind] = count with
        {
            Offered = count.Offered + 1,
            Delivered = count.Delivered + (isDelivered ? 1 : 0),
            NotCarried = count.NotCarried + (isCarried ? 0 : 1),
            LeftOut = count.LeftOut + (isCarried && !isDelivered ? 1 : 0),
        };
    }

    /// <summary>The sum of these and others.</summary>
    public IReadOnlyList<KindCount> AddedTo(IReadOnlyList<KindCount> others) => _counts.Count == 0 ? others :
    [
        .. others.Concat(Kinds).GroupBy(count => count.Kind).OrderBy(group => group.Key).Select(group => new KindCount
        {
            Kind = group.Key,
            Offered = group.Sum(count => count.Offered),
            Delivered = group.Sum(count => count.Delivered),
            NotCarried = group.Sum(count => count.NotCarried),
            LeftOut = group.Sum(count => count.LeftOut),
            Rejected = group.Sum(count => count.Rejected),
        }),
    ];
}
