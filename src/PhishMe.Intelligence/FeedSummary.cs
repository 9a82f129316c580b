namespace PhishMe.Intelligence;

/// <summary>What became of a feed.</summary>
public sealed record FeedSummary
{
    /// <summary>The name of the feed.</summary>
    public required string Name { get; init; }

    /// <summary>Its files with their full paths, written or unchanged.</summary>
    public IReadOnlyList<FeedFileSummary> Files { get; init; } = [];

    /// <summary>Indicators of live threats within the retention, before anything was left out; an indicator of two threats counts twice.</summary>
    public long Offered { get; init; }

    /// <summary>Indicators left out because they are not safe to block, by reason.</summary>
    public LeftOutCounts LeftOut { get; init; } = new();

    /// <summary>Indicators of kinds that the feed cannot carry.</summary>
    public long NotCarried { get; init; }

    /// <summary>What someone should look at, such as rows that were cut.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
