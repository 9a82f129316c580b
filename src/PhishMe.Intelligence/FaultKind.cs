namespace PhishMe.Intelligence;

/// <summary>One entry of the fault catalogue: everything about a failure that does not depend on the case.</summary>
public sealed record FaultKind
{
    /// <summary>Stable, PascalCase error id.</summary>
    public required string Id { get; init; }

    /// <summary>The category a cmdlet reports.</summary>
    public required FaultCategory Category { get; init; }

    /// <summary>The exit code of a run that ends with this fault.</summary>
    public required ExitCode ExitCode { get; init; }

    /// <summary>What the user should do next.</summary>
    public required string RecommendedAction { get; init; }
}
