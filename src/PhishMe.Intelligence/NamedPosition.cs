namespace PhishMe.Intelligence;

/// <summary>How far an interactive sync is, under a name of its own.</summary>
public sealed record NamedPosition
{
    /// <summary>The position used when no name is given.</summary>
    public const string DefaultName = "default";

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What the next sync does first.</summary>
    public required PositionPhase Phase { get; init; }

    /// <summary>The server's position; null before the changes are followed.</summary>
    public string? Value { get; init; }

    /// <summary>Where it was started from; null when it was set to a position of the server.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Pages of the back catalogue behind it, of <see cref="PositionPhase.Backfill"/> only.</summary>
    public int PagesDone { get; init; }

    /// <summary>Threats handed over behind it: the next sync leaves them out.</summary>
    public int Taken { get; init; }

    /// <summary>The API it belongs to; null until it was used.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>When it moved last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Name;
}
