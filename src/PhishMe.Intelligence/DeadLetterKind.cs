namespace PhishMe.Intelligence;

/// <summary>What a dead letter is about.</summary>
public enum DeadLetterKind
{
    /// <summary>A threat in one format.</summary>
    Threat,

    /// <summary>One or more results of a backfill that the API did not serve; their ids are unknown.</summary>
    MissingResults,

    /// <summary>A part of a backfill of CEF that the API did not serve.</summary>
    MissingWindow,

    /// <summary>An object of a page that is no threat.</summary>
    UnreadableThreat,

    /// <summary>A CEF line that belongs to no threat.</summary>
    StrayLine,

    /// <summary>An item of a queue that its target does not take.</summary>
    QueueItem,

    /// <summary>A file that another program holds.</summary>
    File,

    /// <summary>Something that an older version recorded.</summary>
    Other,
}
