namespace PhishMe.Engine.Storage;

/// <summary>How far a destination is that catches up. It is delivered to like the others meanwhile; what it has already is recognised.</summary>
internal sealed record CatchUp
{
    public required CatchUpReason Reason { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The place in the store to go on from; null when it does not catch up from the store.</summary>
    public long? StorePlace { get; init; }

    /// <summary>How far its own backfill, or its own following of the changes, is; null before that has begun.</summary>
    public SyncCursor? Cursor { get; init; }
}
