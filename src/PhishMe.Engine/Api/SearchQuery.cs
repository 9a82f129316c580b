using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>One <c>/threat/search</c>: a page of a window, or up to a page of ids (reference/api.md §3).</summary>
internal sealed record SearchQuery
{
    /// <summary>Null for both products.</summary>
    public ThreatType? Type { get; init; }

    public DateTimeOffset? Begin { get; init; }

    public DateTimeOffset? End { get; init; }

    /// <summary>Zero-based.</summary>
    public int Page { get; init; }

    public required int ResultsPerPage { get; init; }

    /// <summary>Ids to ask for; never an empty list, which would match everything (reference/api.md §1).</summary>
    public IReadOnlyList<ThreatId>? Ids { get; init; }

    /// <summary>Further parameters under the API's own names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];
}
