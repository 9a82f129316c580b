namespace PhishMe.Intelligence;

/// <summary>What became of a feed.</summary>
public sealed record FeedSummary
{
    /// <summary>The name of the feed.</summary>
    public required string Name { get; init; }

    /// <summary>Its files, written or unchanged.</summary>
    public IReadOnlyList<FeedFileSummary> Files { get; init; } = [];

    /// <summary>Indicators by kind, for the kinds that occurred.</summary>
    public IReadOnlyList<KindCount> Kinds { get; init; } = [];

    /// <summary>Indicators left out because they are not safe to block, by reason.</summary>
    public LeftOutCounts LeftOut { get; init; } = new();

    /// <summary>What someone should look at, such as rows that were cut.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
