namespace PhishMe.Intelligence;

/// <summary>Something that was asked for or announced and could not be had.</summary>
public sealed record MissedThreat
{
    /// <summary>The id; where none could be read, the place it stood in.</summary>
    public required string Subject { get; init; }

    /// <summary>Why.</summary>
    public required Fault Fault { get; init; }

    /// <summary>Subject and reason.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Subject}: {Fault}";
}
