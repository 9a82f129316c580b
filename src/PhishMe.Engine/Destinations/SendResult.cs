using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>What became of a call.</summary>
internal sealed record SendResult
{
    /// <summary>One for each item from the first on. Fewer than there were items only with a <see cref="Failure"/>: the rest stay in the queue as they are.</summary>
    public required IReadOnlyList<SendOutcome> Outcomes { get; init; }

    /// <summary>Why the target takes nothing more in this run; null when all is well.</summary>
    public Fault? Failure { get; init; }

    /// <summary>Said once in log and summary; null when there is nothing to say.</summary>
    public string? Warning { get; init; }
}
