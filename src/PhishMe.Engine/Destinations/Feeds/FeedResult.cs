using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>What became of one feed of a pass.</summary>
/// <param name="Summary">What was written.</param>
/// <param name="Failure">Why it could not be written; its old files are there. Null when all went well.</param>
internal sealed record FeedResult(FeedSummary Summary, Fault? Failure)
{
    /// <summary>Whether its files stay as they were, because the store lacks what they have.</summary>
    public bool IsKept { get; init; }

    /// <summary>Whether its reports changed in a way that a reader misses who looks for new ids and newer times only.</summary>
    public bool LosesReports { get; init; }
}
