namespace PhishMe.Intelligence;

/// <summary>What became of the indicators of one kind. An indicator of two threats counts twice.</summary>
public sealed record KindCount
{
    /// <summary>The kind.</summary>
    public required IndicatorKind Kind { get; init; }

    /// <summary>Indicators of live threats within the retention.</summary>
    public long Offered { get; init; }

    /// <summary>Those that are in the feed, or that were put into the queue of the destination.</summary>
    public long Delivered { get; init; }

    /// <summary>Those that the feed or the destination has no place for.</summary>
    public long NotCarried { get; init; }

    /// <summary>Those that are not safe to block; of a destination with a queue, also those that its section does not ask for.</summary>
    public long LeftOut { get; init; }

    /// <summary>Those that the target refused in this run; they are dead letters.</summary>
    public long Rejected { get; init; }
}
