namespace PhishMe.Intelligence;

/// <summary>What a rebuild of the store did.</summary>
public sealed record RebuildSummary
{
    /// <summary>Threats the store holds now.</summary>
    public required long Threats { get; init; }

    /// <summary>Of these, withdrawn ones.</summary>
    public required long Withdrawn { get; init; }

    /// <summary>Objects or files that were no threat and were left out.</summary>
    public required long Unreadable { get; init; }
}
