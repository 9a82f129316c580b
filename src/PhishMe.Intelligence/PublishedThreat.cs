namespace PhishMe.Intelligence;

/// <summary>A threat that was published to a destination, and what became of it.</summary>
public sealed record PublishedThreat
{
    /// <summary>The threat.</summary>
    public required ThreatId Id { get; init; }

    /// <summary>The destination.</summary>
    public required string Destination { get; init; }

    /// <summary>What became of it.</summary>
    public required PublishOutcome Outcome { get; init; }

    /// <summary>Events or objects that it became for the target; 0 for files.</summary>
    public int Items { get; init; }

    /// <summary>Why it was not sent, or what the target said; null when there is nothing to say.</summary>
    public string? Reason { get; init; }
}
