using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>Something that was set aside, so that it does not stop anything else.</summary>
internal sealed record DeadLetter
{
    /// <summary>What it is about.</summary>
    public required DeadLetterPlace Place { get; init; }

    /// <summary>The destination that did not take it; null when it could not be fetched, which concerns every destination of the format.</summary>
    public DestinationId? Destination { get; init; }

    public required OutputFormat Format { get; init; }

    public required string Reason { get; init; }

    /// <summary>Whether the API says that it does not exist; not kept in the state file.</summary>
    public bool NotFound { get; init; }

    /// <summary>What came instead of the threat, or what was not taken, without secrets; null when there is nothing.</summary>
    public byte[]? Payload { get; init; }

    public DateTimeOffset FirstFailedAt { get; init; }

    public DateTimeOffset LastTriedAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset DueAt { get; init; }

    /// <summary>The threat to ask for again; null where that does not help or no id is known.</summary>
    public ThreatId? Id => Place is ThreatPlace place ? place.Id : null;

    /// <summary>
    /// Whether it is time to ask again. Not for what the run itself set aside. A try in the future was noted by a clock that has been set back since; it is
    /// made again.
    /// </summary>
    public bool IsDue(DateTimeOffset now, DateTimeOffset runStartedAt) => LastTriedAt > now || (DueAt <= now && LastTriedAt < runStartedAt);

    /// <summary>The place in words, for people.</summary>
    public string Subject => Place.ToString();
}
