using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>An indicator of the store with what a look-up shows of its threat.</summary>
internal readonly record struct StoredIndicator
{
    /// <summary>The store's own number of the threat.</summary>
    public required long Threat { get; init; }

    /// <summary>The place of the indicator within its threat.</summary>
    public required long Ordinal { get; init; }

    public required IndicatorKind Kind { get; init; }

    /// <summary>In normal form; as received when it has no normal form.</summary>
    public required string Value { get; init; }

    public required IndicatorSource Source { get; init; }

    public required Impact? Impact { get; init; }

    public required bool Corollary { get; init; }

    public required string? Role { get; init; }

    public required string? Family { get; init; }

    public required ThreatId ThreatId { get; init; }

    public required string? Label { get; init; }

    public required string? DetailUrl { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public required long? FirstPublished { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public required long? LastPublished { get; init; }

    public required bool Withdrawn { get; init; }
}
