using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>One item that waits for its target.</summary>
internal sealed record QueueItem
{
    /// <summary>Its place in the queue; 0 until it is stored.</summary>
    public long Sequence { get; init; }

    public required DestinationId Destination { get; init; }

    public DeliveryVerb Verb { get; init; }

    /// <summary>The threat it is about; null when it is about none, as a heartbeat.</summary>
    public ThreatId? Threat { get; init; }

    /// <summary>
    /// What the target knows it by, such as the value of an indicator or the id of an object. Items of one destination with the same key are sent in
    /// the order in which they were added, whatever else is retried. Empty when the target knows no keys; such items keep their order among themselves.
    /// </summary>
    public string Key { get; init; } = string.Empty;

    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>How often the target asked to send it again.</summary>
    public int Attempts { get; init; }

    /// <summary>Not sent before; the smallest value for at once.</summary>
    public DateTimeOffset DueAt { get; init; }
}
