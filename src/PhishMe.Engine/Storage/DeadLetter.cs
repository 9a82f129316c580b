using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>One format of one threat that was set aside, so that it stops nobody else.</summary>
internal sealed record DeadLetter
{
    /// <summary>The id of the threat; where none could be read, the place it stood in.</summary>
    public required string Subject { get; init; }

    /// <summary>Null where no id could be read: then there is nothing to ask for again.</summary>
    public ThreatId? Id => ThreatId.TryParse(Subject, null, out var id) ? id : null;

    public required OutputFormat Format { get; init; }

    public required string Reason { get; init; }

    /// <summary>Whether the API says that it does not exist; not kept in the state file.</summary>
    public bool NotFound { get; init; }

    /// <summary>What came instead of the threat, without secrets; null when nothing came.</summary>
    public byte[]? Payload { get; init; }

    public DateTimeOffset FirstFailedAt { get; init; }

    public DateTimeOffset LastTriedAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset DueAt { get; init; }
}
