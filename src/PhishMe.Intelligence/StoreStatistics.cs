namespace PhishMe.Intelligence;

/// <summary>What the store holds, counted. Lists are ordered by falling count, days by date.</summary>
public sealed record StoreStatistics
{
    /// <summary>Full path of the state file.</summary>
    public required string Path { get; init; }

    /// <summary>Size of the state file in bytes, without its write-ahead log.</summary>
    public long FileSize { get; init; }

    /// <summary>Threats that were not withdrawn.</summary>
    public long Threats { get; init; }

    /// <summary>Threats that were withdrawn.</summary>
    public long Withdrawn { get; init; }

    /// <summary>Indicators of the threats that were not withdrawn.</summary>
    public long Indicators { get; init; }

    /// <summary>Oldest first publication.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>Newest publication.</summary>
    public DateTimeOffset? LastPublished { get; init; }

    /// <summary>Threats by product.</summary>
    public IReadOnlyList<NamedCount> ByType { get; init; } = [];

    /// <summary>Threats by malware family; a threat with two families counts for both.</summary>
    public IReadOnlyList<NamedCount> ByFamily { get; init; } = [];

    /// <summary>Threats by brand.</summary>
    public IReadOnlyList<NamedCount> ByBrand { get; init; } = [];

    /// <summary>Indicators by role.</summary>
    public IReadOnlyList<NamedCount> ByRole { get; init; } = [];

    /// <summary>Indicators by impact; <c>Unrated</c> where the vendor does not say.</summary>
    public IReadOnlyList<NamedCount> ByImpact { get; init; } = [];

    /// <summary>Indicators by kind.</summary>
    public IReadOnlyList<NamedCount> ByKind { get; init; } = [];

    /// <summary>Threats by day of first publication, UTC, <c>yyyy-MM-dd</c>.</summary>
    public IReadOnlyList<NamedCount> ByDay { get; init; } = [];

    /// <summary>Indicators by day of first publication of their threat, UTC, <c>yyyy-MM-dd</c>.</summary>
    public IReadOnlyList<NamedCount> IndicatorsByDay { get; init; } = [];
}
