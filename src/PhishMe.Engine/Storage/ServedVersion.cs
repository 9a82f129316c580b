namespace PhishMe.Engine.Storage;

/// <summary>What a changed threat has become, before it gets its place in the order of what is served.</summary>
internal sealed record ServedVersion
{
    /// <summary>The store's own number of the threat.</summary>
    public required long Key { get; init; }

    /// <summary>When it leaves all collections, epoch milliseconds.</summary>
    public required long ValidUntil { get; init; }

    /// <summary>Its objects in order: a key of the id, and the collections that the object belongs to, a bit for each.</summary>
    public required IReadOnlyList<(long Hash, int Collections)> Objects { get; init; }

    /// <summary>The families that its objects refer to.</summary>
    public required IReadOnlyCollection<string> Families { get; init; }

    /// <summary>The collections that it belongs to.</summary>
    public required int Collections { get; init; }
}
