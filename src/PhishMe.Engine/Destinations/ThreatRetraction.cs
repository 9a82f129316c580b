using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>A threat that was withdrawn.</summary>
internal sealed record ThreatRetraction
{
    public required ThreatId Id { get; init; }

    /// <summary>What the destination was given before; null when nothing is recorded. The withdrawal is delivered all the same: files may be older than the state.</summary>
    public DeliveryRecord? Before { get; init; }

    /// <summary>Epoch milliseconds; null when unknown.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>The last known object as received; null without the store.</summary>
    public byte[]? LastKnown { get; init; }

    /// <summary>The last known threat, marked as withdrawn; null without the store or when it cannot be read.</summary>
    public Threat? LastModel { get; init; }

    /// <summary>Indicators of the last known threat that no other live threat carries: only these may be taken back. Empty without the store.</summary>
    public IReadOnlyList<Indicator> Removed { get; init; } = [];
}
