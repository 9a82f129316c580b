namespace PhishMe.Intelligence;

/// <summary>What one destination took in one run.</summary>
public sealed record DestinationSummary
{
    /// <summary>Its id, such as <c>raw_json</c>.</summary>
    public required string Id { get; init; }

    /// <summary>How it is delivered to.</summary>
    public required DestinationKind Kind { get; init; }

    /// <summary>The section of the configuration file.</summary>
    public required string Section { get; init; }

    /// <summary>Threats delivered: written, or put into the queue.</summary>
    public int Delivered { get; init; }

    /// <summary>Threats taken back.</summary>
    public int Withdrawn { get; init; }

    /// <summary>Indicators that threats no longer have and that were taken back, where the destination knows that.</summary>
    public int Removed { get; init; }

    /// <summary>Threats left out because they did not change since they were last delivered.</summary>
    public int Unchanged { get; init; }

    /// <summary>What became of the indicators, by kind, where a list was rebuilt or where the target holds indicators; empty otherwise.</summary>
    public IReadOnlyList<KindCount> Kinds { get; init; } = [];

    /// <summary>Files written.</summary>
    public int FilesWritten { get; init; }

    /// <summary>Files removed.</summary>
    public int FilesRemoved { get; init; }

    /// <summary>Bytes added to the append file.</summary>
    public long BytesAppended { get; init; }

    /// <summary>Items the target took from the queue.</summary>
    public long Sent { get; init; }

    /// <summary>Items the target does not take; they became dead letters.</summary>
    public int Rejected { get; init; }

    /// <summary>Items that wait.</summary>
    public long Waiting { get; init; }

    /// <summary>Items that gave way because the queue was full.</summary>
    public long Dropped { get; init; }

    /// <summary>Why it has to catch up, and how far it is; null when it has everything.</summary>
    public string? CatchingUp { get; init; }

    /// <summary>Why the last delivery failed; null when it did not.</summary>
    public string? Failure { get; init; }
}
