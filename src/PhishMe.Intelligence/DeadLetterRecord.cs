namespace PhishMe.Intelligence;

/// <summary>One format of one threat that was set aside, so that the others are not held up. It is tried again at growing intervals until it succeeds.</summary>
public sealed record DeadLetterRecord
{
    /// <summary>The id of the threat; where none could be read, the place it stood in.</summary>
    public required string Subject { get; init; }

    /// <summary>What it is about.</summary>
    public DeadLetterKind Kind { get; init; }

    /// <summary>The destination that did not take it; null when it could not be fetched, which concerns every destination of the format.</summary>
    public string? Destination { get; init; }

    /// <summary>The threat; null where no id is known.</summary>
    public ThreatId? Id { get; init; }

    /// <summary>The format that failed.</summary>
    public required OutputFormat Format { get; init; }

    /// <summary>What went wrong the last time, without secrets.</summary>
    public required string Reason { get; init; }

    /// <summary>What came instead of the threat, as text and without secrets; null when nothing came.</summary>
    public string? Payload { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it failed first, UTC.</summary>
    public required DateTimeOffset FirstFailedAt { get; init; }

    /// <summary>When it failed last, UTC.</summary>
    public required DateTimeOffset LastTriedAt { get; init; }

    /// <summary>From when on a run asks for it again, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }
}
