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

    /// <summary>Whether runs request it again: a threat by its id, what has no id at its place.</summary>
    public static bool IsRetried(DeadLetterRecord letter) =>
        letter.Kind is DeadLetterKind.Threat or DeadLetterKind.File or DeadLetterKind.MissingResults or DeadLetterKind.MissingWindow;

    public static DeadLetterLine Of(DeadLetterRecord letter) => new()
    {
        Subject = letter.Subject,
        Format = letter.Format,
        Reason = letter.Reason,
        Attempts = letter.Attempts,
        FirstFailed = letter.FirstFailedAt,
        LastTried = letter.LastTriedAt,
        Due = IsRetried(letter) ? letter.DueAt : null,
        Payload = letter.Payload,
    };
}
