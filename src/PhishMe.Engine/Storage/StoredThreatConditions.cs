using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>Which threats to read, as far as the index answers it. All conditions must hold; of several values of one condition any.</summary>
internal sealed record StoredThreatConditions
{
    /// <summary>Also threats that were withdrawn.</summary>
    public bool IncludeWithdrawn { get; init; }

    /// <summary>Products that the threat must have: two different ones match nothing. Empty for all.</summary>
    public IReadOnlyList<ThreatType> Types { get; init; } = [];

    /// <summary>Epoch milliseconds of the last publication at least; null for all.</summary>
    public long? PublishedFrom { get; init; }

    /// <summary>Epoch milliseconds that the last publication must be before; null for all.</summary>
    public long? PublishedBefore { get; init; }

    /// <summary>Epoch milliseconds of the last publication at most; null for all.</summary>
    public long? PublishedUntil { get; init; }

    /// <summary>Lowest impact; null for all.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>The ids; empty for all.</summary>
    public IReadOnlyList<ThreatId> Ids { get; init; } = [];

    /// <summary>Sets of terms of which the threat must have one each.</summary>
    public IReadOnlyList<TermCondition> Terms { get; init; } = [];

    /// <summary>Roles of which one of the threat's indicators must have one, in any case; empty for all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Sets of index keys (<see cref="IndexKey"/>) of which one of the threat's indicators must have one each.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Keys { get; init; } = [];
}
