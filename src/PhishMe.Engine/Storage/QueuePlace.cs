using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>An item of a queue.</summary>
/// <param name="Destination">The queue.</param>
/// <param name="Sequence">Its place in the queue.</param>
/// <param name="About">The threat; null when it was about none.</param>
/// <param name="Key">What the target knows it by; may be empty.</param>
internal sealed record QueuePlace(DestinationId Destination, long Sequence, ThreatId? About, string Key) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.QueueItem;

    public override ThreatId? Threat => About;

    public override string ToString() => FormattableString.Invariant(
        $"{Destination} item {Sequence}{(Key.Length > 0 ? $" ({Key})" : About is ThreatId id ? $" ({id})" : string.Empty)}");
}
