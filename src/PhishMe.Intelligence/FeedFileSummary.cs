namespace PhishMe.Intelligence;

/// <summary>One file of a feed.</summary>
public sealed record FeedFileSummary
{
    /// <summary>Its full path.</summary>
    public required string Path { get; init; }

    /// <summary>Its rows, or reports.</summary>
    public required long Rows { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Whether it is new or changed; a file that would be the same is not touched.</summary>
    public required bool IsWritten { get; init; }
}
