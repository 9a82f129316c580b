namespace PhishMe.Intelligence;

/// <summary>One line of <c>phishme check</c>.</summary>
public sealed record CheckResult
{
    /// <summary>What was checked.</summary>
    public required string Subject { get; init; }

    /// <summary>How it came out.</summary>
    public required CheckOutcome Outcome { get; init; }

    /// <summary>What was found and, unless it passed, what to do.</summary>
    public required string Message { get; init; }
}
