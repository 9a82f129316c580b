using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination whose items wait in a durable queue until the target has them: syslog, HTTP, TAXII.</summary>
internal sealed record QueuedDestination : Destination
{
    public override Intelligence.DestinationKind Kind => Intelligence.DestinationKind.Queued;

    /// <summary>Opens it for a run; connects to nothing. Throws a PhishMeException when it cannot be used.</summary>
    public required Func<DestinationHost, IQueuedDestination> Open { get; init; }
}
