namespace PhishMe.Intelligence;

/// <summary>One check of <c>phishme check</c>, <c>Test-PhishMeConnection</c> or <c>Test-PhishMeDestination</c>.</summary>
public sealed record CheckResult
{
    /// <summary>The destination that was checked; null for what concerns all of them.</summary>
    public string? Destination { get; init; }

    /// <summary>What was checked.</summary>
    public required string Subject { get; init; }

    /// <summary>How it came out.</summary>
    public required CheckOutcome Outcome { get; init; }

    /// <summary>What was found. May say what to do, too.</summary>
    public required string Message { get; init; }

    /// <summary>What to do next; null when there is nothing to do, or when <see cref="Message"/> says it.</summary>
    public string? NextStep { get; init; }

    /// <summary>Message and next step in one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => NextStep is null ? Message : $"{Message} {NextStep}";
}
