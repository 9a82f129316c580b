namespace PhishMe.Engine.Destinations;

/// <summary>What became of one item.</summary>
internal enum SendOutcomeKind
{
    /// <summary>The target has it: it leaves the queue.</summary>
    Accepted,

    /// <summary>The target asks to send this one again later: it stays in the queue until then, and items with the same key wait behind it.</summary>
    Retry,

    /// <summary>The target will never take it: it becomes a dead letter.</summary>
    Rejected,
}
