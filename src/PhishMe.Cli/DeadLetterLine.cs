using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>A dead letter as <c>phishme dead-letters --json</c> prints it, one to a line.</summary>
internal sealed record DeadLetterLine
{
    public required string Subject { get; init; }

    public required OutputFormat Format { get; init; }

    public required string Reason { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset FirstFailed { get; init; }

    public required DateTimeOffset LastTried { get; init; }

    /// <summary>Null when it is not to be asked for again.</summary>
    public required DateTimeOffset? Due { get; init; }

    public required string? Payload { get; init; }

    public static DeadLetterLine Of(DeadLetterRecord letter) => new()
    {
        Subject = letter.Subject,
        Format = letter.Format,
        Reason = letter.Reason,
        Attempts = letter.Attempts,
        FirstFailed = letter.FirstFailedAt,
        LastTried = letter.LastTriedAt,
        Due = letter.Id is null ? null : letter.DueAt,
        Payload = letter.Payload,
    };
}
