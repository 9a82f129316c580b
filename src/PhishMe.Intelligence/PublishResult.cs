namespace PhishMe.Intelligence;

/// <summary>What became of threats that were published.</summary>
public sealed record PublishResult
{
    /// <summary>Each threat once, in the order in which they were given.</summary>
    public required IReadOnlyList<PublishedThreat> Threats { get; init; }

    /// <summary>Why not everything was sent; null when it was.</summary>
    public Fault? Fault { get; init; }

    /// <summary>What else is worth knowing.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
