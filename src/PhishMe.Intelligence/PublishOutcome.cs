namespace PhishMe.Intelligence;

/// <summary>What became of a threat that was published.</summary>
public enum PublishOutcome
{
    /// <summary>The destination has it.</summary>
    Delivered,

    /// <summary>It waits in the queue of the destination; the next run sends it.</summary>
    Waiting,

    /// <summary>The destination has this version already, so it was not sent again.</summary>
    Unchanged,

    /// <summary>The settings of the destination leave out everything of it, such as indicators below the minimum impact.</summary>
    LeftOut,

    /// <summary>It was not sent; the reason says why.</summary>
    Skipped,

    /// <summary>The target refused at least a part of it, which became a dead letter.</summary>
    Rejected,

    /// <summary>Publishing ended before its turn.</summary>
    NotSent,
}
