using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// Items for products that keep one entry for a value but note each threat that carries it: one item for each threat and value. What leaves a threat is
/// always announced, so that the ledger stays exact; whether the value goes as well depends on the other threats.
/// </summary>
internal static class ThreatItems
{
    /// <summary>The items of a delivery. Retractions come first.</summary>
    /// <param name="choice">Which indicators are wanted.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="payload">What is sent for an indicator of a threat. An empty payload is not sent.</param>
    /// <param name="retraction">What is sent when it leaves the threat; the flag says whether another live threat carries the value, so that it stays.</param>
    public static IEnumerable<QueueItem> Compose(
        IndicatorChoice choice,
        DestinationId destination,
        Delivery delivery,
        Func<ThreatDelivery, Threat, Indicator, ReadOnlyMemory<byte>> payload,
        Func<Indicator, bool, ReadOnlyMemory<byte>> retraction)
    {
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(retraction);
        foreach (var (id, indicator, isKept) in choice.Left(delivery))
        {
            yield return new QueueItem
            {
                Destination = destination,
                Verb = DeliveryVerb.Retract,
                Threat = id,
                Key = KeyOf(id, indicator),
                Payload = retraction(indicator, isKept),
            };
        }

        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is not Threat model || !choice.Wants(threat.Id))
            {
                continue;
            }

            foreach (var indicator in choice.Of(model.Indicators))
            {
                if (payload(threat, model, indicator) is { IsEmpty: false } bytes)
                {
                    yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = KeyOf(threat.Id, indicator), Payload = bytes };
                }
            }
        }
    }

    private static string KeyOf(ThreatId id, Indicator indicator) => $"{id}/{indicator.Kind}/{indicator.NormalizedValue}";
}
