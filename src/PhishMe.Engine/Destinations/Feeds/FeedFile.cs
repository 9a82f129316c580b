using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>One file of a feed, with a row for each value.</summary>
internal sealed record FeedFile
{
    /// <summary>Every impact, also not rated.</summary>
    public const int AllRanks = 0b11111;

    /// <summary>The full path.</summary>
    public required string Path { get; init; }

    /// <summary>The kinds that have a row.</summary>
    public required IReadOnlyList<IndicatorKind> Kinds { get; init; }

    /// <summary>The impacts that have a row: bit 0 is not rated, bit 1 none, bit 4 major.</summary>
    public int Ranks { get; init; } = AllRanks;

    /// <summary>Writes a row with its line end.</summary>
    public required FeedRowFormat Format { get; init; }

    /// <summary>What stands before the rows, with its line end.</summary>
    public ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>
    /// Whether rows are ordered by impact, then the newest, then value: who reads only the first ones reads the worst. Otherwise by value.
    /// </summary>
    public bool IsBestFirst { get; init; }

    /// <summary>Rows at most; 0 for all. A file that may be cut is ordered as <see cref="IsBestFirst"/> says, whatever that is.</summary>
    public int MaximumRows { get; init; }

    /// <summary>Whether two values may have the same row; it is written once, in the best of its places. Only for a file that is ordered by impact.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>One impact.</summary>
    public static int RankOnly(Impact impact) => 1 << FeedRow.RankOf(impact);
}
