namespace PhishMe.Engine.Destinations;

/// <summary>What became of one item.</summary>
internal readonly record struct SendOutcome
{
    private SendOutcome(SendOutcomeKind kind, DateTimeOffset retryAt, string reason)
    {
        Kind = kind;
        RetryAt = retryAt;
        Reason = reason;
    }

    /// <summary>The target has it.</summary>
    public static SendOutcome Accepted { get; } = new(SendOutcomeKind.Accepted, default, string.Empty);

    /// <summary>For <see cref="SendOutcomeKind.Accepted"/>, <see cref="SendOutcomeKind.Retry"/> and <see cref="SendOutcomeKind.Rejected"/>, see there.</summary>
    public SendOutcomeKind Kind { get; }

    /// <summary>When to send it again.</summary>
    public DateTimeOffset RetryAt { get; }

    /// <summary>Why the target did not take it, without secrets.</summary>
    public string Reason { get; }

    public static SendOutcome Retry(DateTimeOffset at, string reason) => new(SendOutcomeKind.Retry, at, reason);

    public static SendOutcome Rejected(string reason) => new(SendOutcomeKind.Rejected, default, reason);
}
