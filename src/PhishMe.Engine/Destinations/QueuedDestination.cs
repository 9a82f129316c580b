using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination whose items wait in a durable queue until the target has them: syslog, HTTP, TAXII.</summary>
internal sealed record QueuedDestination : Destination
{
    public override Intelligence.DestinationKind Kind => Intelligence.DestinationKind.Queued;

    /// <summary>
    /// How long what a threat brought stays at the target after the last publication; then it is taken back as if the threat were withdrawn. Null for good, and
    /// for targets that drop it by themselves.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Opens it for a run; connects to nothing. Throws a PhishMeException when it cannot be used.</summary>
    public required Func<DestinationHost, IQueuedDestination> Open { get; init; }
}
