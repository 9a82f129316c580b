namespace PhishMe.Intelligence;

/// <summary>A state that was copied, and whose copy was compared with it.</summary>
public sealed record StateCopySummary
{
    /// <summary>What was copied: the path of a state file, or what names server and database.</summary>
    public required string Source { get; init; }

    /// <summary>The copy.</summary>
    public required string Target { get; init; }

    /// <summary>The rows of each area; equal on both sides.</summary>
    public required IReadOnlyList<NamedCount> Areas { get; init; }

    /// <summary>Whether an earlier copy, which was stopped, was continued.</summary>
    public required bool Resumed { get; init; }
}
