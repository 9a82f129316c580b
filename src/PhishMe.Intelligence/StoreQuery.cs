namespace PhishMe.Intelligence;

/// <summary>Which threats to read from the store. Conditions of different kinds must all hold, of several values of one kind any.</summary>
public sealed record StoreQuery
{
    /// <summary>The product; null for both.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>The ids; empty for all.</summary>
    public IReadOnlyList<ThreatId> Ids { get; init; } = [];

    /// <summary>Published last at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Published last before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Lowest impact of the threat; threats that are not rated are then left out.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Names of malware families or delivery mechanisms, in any case; empty for all.</summary>
    public IReadOnlyList<string> Families { get; init; } = [];

    /// <summary>Brands, in any case; empty for all.</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Roles at least one indicator has, in any case; empty for all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Search fields under the names the API has for them (<c>malwareSubject</c>, <c>threatDomain</c>, <c>allMD5</c>, …); a name may be repeated.
    /// A name that is unknown is a fault, so that a misspelled field does not match everything.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>
    /// A search as the API takes it, whose conditions must hold, too; null for none. How many threats are wanted is left to the reader.
    /// </summary>
    public ThreatQuery? Search { get; init; }

    /// <summary>Also what was withdrawn.</summary>
    public bool IncludeWithdrawn { get; init; }
}
