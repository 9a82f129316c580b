using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>What of a batch is new to one destination. The bytes live until the batch is committed.</summary>
internal sealed record Delivery
{
    public IReadOnlyList<ThreatDelivery> Threats { get; init; } = [];

    public IReadOnlyList<ThreatRetraction> Withdrawn { get; init; } = [];

    /// <summary>Withdrawn threats whose file, in the legacy layout, is by now the one of the threat of the other product with the same number.</summary>
    public IReadOnlySet<ThreatId> Namesakes { get; init; } = new HashSet<ThreatId>();

    /// <summary>How other live threats carry what this takes away or makes less of.</summary>
    public IndicatorCarriers Carriers { get; init; } = IndicatorCarriers.None;

    /// <summary>Our clock when the batch was taken in hand.</summary>
    public required DateTimeOffset Now { get; init; }

    public bool IsEmpty => Threats.Count == 0 && Withdrawn.Count == 0;
}
