using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Publishing;

/// <summary>
/// Which of some threats may be published to a destination. What is not taken has a reason: a run could otherwise not take it back, or would have to
/// deliver it a second time.
/// </summary>
internal sealed class PublishSelection(IStateStore state, IntegrationSettings settings, Destination destination, bool force)
{
    /// <summary>The threats that may be sent, with JSON as a run would have it.</summary>
    public async Task<IReadOnlyList<ThreatUnit>> SelectAsync(IReadOnlyList<Threat> threats, PublishedItems items, CancellationToken cancellationToken)
    {
        var ids = threats.Select(threat => threat.Id).ToArray();
        var records = await state.GetDeliveriesAsync(destination.Id, ids, cancellationToken).ConfigureAwait(false);
        var withdrawn = await state.GetWithdrawnAmongAsync(ids, cancellationToken).ConfigureAwait(false);
        var units = new List<ThreatUnit>(threats.Count);
        foreach (var threat in threats)
        {
            if (ThreatDocumentReader.Read(threat.Json) is not ThreatDocument document || document.Id != threat.Id)
            {
                items.Set(threat.Id, PublishOutcome.Skipped, "The JSON of the threat cannot be read.");
            }
            else if (Refusal(threat, document, records.TryGetValue(threat.Id, out var record) ? record : null, withdrawn) is string reason)
            {
                items.Set(threat.Id, PublishOutcome.Skipped, reason);
            }
            else
            {
                units.Add(new ThreatUnit
                {
                    Id = document.Id,
                    FirstPublished = document.FirstPublished,
                    LastPublished = document.LastPublished,
                    Json = new Rendition(document.Json, document.Content) { IsCompact = document.IsCompact },
                });
            }
        }

        return units;
    }

    private string? Refusal(Threat threat, ThreatDocument document, DeliveryRecord? before, IReadOnlySet<ThreatId> withdrawn)
    {
        if (!settings.Products.Contains(threat.Type))
        {
            return $"[pm_product] does not follow {(threat.Type == ThreatType.Malware ? "malware" : "phish")}, so a withdrawal would never reach the destination.";
        }

        if (threat.Withdrawn)
        {
            return "The threat is withdrawn; a run takes it back where it was delivered.";
        }

        if (force)
        {
            return null;
        }

        return withdrawn.Contains(threat.Id) || before is { Withdrawn: true } ? "The threat was withdrawn since."
            : before is { LastPublished: long newest } && document.LastPublished < newest ? "The destination has a newer version."
            : null;
    }
}
