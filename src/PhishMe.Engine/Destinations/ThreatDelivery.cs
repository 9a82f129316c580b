using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>One threat that is new to a destination, or has changed since it was last delivered there.</summary>
internal sealed record ThreatDelivery
{
    public required ThreatUnit Unit { get; init; }

    /// <summary>The threat in the format of the destination.</summary>
    public required Rendition Rendition { get; init; }

    /// <summary>What the destination was given before; null when nothing.</summary>
    public DeliveryRecord? Before { get; init; }

    /// <summary>The version that this one replaces in the store, as received; null without the store, or when the content is the same.</summary>
    public byte[]? Replaced { get; init; }

    /// <summary>
    /// Indicators that the version before had and this one no longer has, unless another live threat carries them. Empty without the store.
    /// </summary>
    public IReadOnlyList<Indicator> Removed { get; init; } = [];

    public ThreatId Id => Unit.Id;
}
