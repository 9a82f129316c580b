using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// How other live threats carry the indicators that a batch takes away or makes less of. Each destination decides by itself whether that is enough for the
/// indicator to stay there.
/// </summary>
/// <param name="stored">By threats of the store that the batch does not bring.</param>
/// <param name="brought">By threats of the batch.</param>
internal sealed class IndicatorCarriers(
    IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>> stored,
    IReadOnlyDictionary<IndicatorKey, List<(ThreatId Threat, IndicatorCarrier Carrier)>> brought)
{
    /// <summary>Nothing is known.</summary>
    public static IndicatorCarriers None { get; } = new(
        new Dictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>(), new Dictionary<IndicatorKey, List<(ThreatId, IndicatorCarrier)>>());

    /// <summary>How threats other than this one carry it.</summary>
    public IEnumerable<IndicatorCarrier> Of(ThreatId threat, IndicatorKey indicator)
    {
        foreach (var carrier in stored.GetValueOrDefault(indicator, []))
        {
            yield return carrier;
        }

        foreach (var (other, carrier) in brought.GetValueOrDefault(indicator, []))
        {
            if (other != threat)
            {
                yield return carrier;
            }
        }
    }
}
