namespace PhishMe.Engine.Storage;

/// <summary>How far a sync is: everything needed to go on after any interruption.</summary>
internal sealed record SyncCursor
{
    public required SyncPhase Phase { get; init; }

    /// <summary>Counts the backfills: what was handed over in an earlier one is handed over again in a new one.</summary>
    public required int Generation { get; init; }

    /// <summary>What the backfill was about (dates, products, formats, page size); a changed plan cannot be resumed by page number.</summary>
    public required string Plan { get; init; }

    /// <summary>Start of the backfill window.</summary>
    public required DateTimeOffset WindowBegin { get; init; }

    /// <summary>End of the backfill window, fixed when the backfill began.</summary>
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>The time the first changelog request asks from: before the backfill began, so that there is overlap and never a gap.</summary>
    public required DateTimeOffset FollowFrom { get; init; }

    /// <summary>Next CEF window or next page of the backfill.</summary>
    public int NextStep { get; init; }

    /// <summary>What the previous page said about the size of the result; tells a page that was shifted by a withdrawal.</summary>
    public long? TotalElements { get; init; }

    /// <summary>The server's position; null until the first changelog page is done.</summary>
    public string? Position { get; init; }
}
