namespace PhishMe.Intelligence;

/// <summary>A failure as a user sees it: what, where, what to do next.</summary>
public sealed record Fault
{
    /// <summary>The entry of the catalogue.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>What went wrong, in one sentence without secrets.</summary>
    public required string Message { get; init; }

    /// <summary>Where: a path, a URL without credentials, a section and key; null when there is no place to name.</summary>
    public string? Where { get; init; }

    /// <summary>Message, place and next step in one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        Where is null ? $"{Message} {Kind.RecommendedAction}" : $"{Message} ({Where}) {Kind.RecommendedAction}";
}
