namespace PhishMe.Engine.Storage;

/// <summary>The place of a threat in the order of what is served.</summary>
internal sealed record ServedThreat
{
    /// <summary>The store's own number of the threat.</summary>
    public required long Key { get; init; }

    /// <summary>Date added of its first object, epoch milliseconds; each further object is a millisecond later.</summary>
    public required long Added { get; init; }

    /// <summary>How many objects it has.</summary>
    public required int Length { get; init; }

    /// <summary>The collections that it is in: a bit for each.</summary>
    public required int Collections { get; init; }

    /// <summary>When it leaves all collections, epoch milliseconds.</summary>
    public required long ValidUntil { get; init; }

    /// <summary>When the version that is served came into the store, epoch milliseconds. A threat whose content is the same is stored again with every update.</summary>
    public long StoredAt { get; init; }

    /// <summary>When that version was published, epoch milliseconds; null when it does not say so. Together with the place this names the bytes that are rendered.</summary>
    public long? LastPublished { get; init; }
}
