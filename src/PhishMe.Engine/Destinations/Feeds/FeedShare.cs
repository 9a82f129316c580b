using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>What became of indicators in one feed, by kind.</summary>
internal sealed class FeedShare
{
    private static readonly int _kinds = Enum.GetValues<IndicatorKind>().Length;

    private readonly long[] _offered = new long[_kinds];
    private readonly long[] _delivered = new long[_kinds];
    private readonly long[] _notCarried = new long[_kinds];
    private readonly long[] _leftOut = new long[_kinds];

    public LeftOutCounts LeftOut { get; } = new();

    /// <summary>The kinds that occurred.</summary>
    public IReadOnlyList<KindCount> Kinds =>
    [
        .. from kind in Enum.GetValues<IndicatorKind>()
           where _offered[(int)kind] > 0
           select new KindCount
           {
               Kind = kind,
               Offered = _offered[(int)kind],
               Delivered = _delivered[(int)kind],
               NotCarried = _notCarried[(int)kind],
               LeftOut = _leftOut[(int)kind],
           },
    ];

    public void Offered(IndicatorKind kind) => _offered[(int)kind]++;

    public void Delivered(IndicatorKind kind) => _delivered[(int)kind]++;

    public void NotCarried(IndicatorKind kind) => _notCarried[(int)kind]++;

    public void Leave(IndicatorKind kind, LeftOutReason reason)
    {
        _leftOut[(int)kind]++;
        LeftOut.Add(reason);
    }

    /// <summary>Adds another count.</summary>
    public void Add(FeedShare other)
    {
        for (var kind = 0; kind < _kinds; kind++)
        {
            _offered[kind] += other._offered[kind];
            _delivered[kind] += other._delivered[kind];
            _notCarried[kind] += other._notCarried[kind];
            _leftOut[kind] += other._leftOut[kind];
        }

        LeftOut.Add(other.LeftOut);
    }
}
