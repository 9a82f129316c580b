using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>
/// Canonical records by syslog, one line of JSON for each indicator. What a threat no longer has, and what a withdrawal takes back, is a line with
/// <c>"op":"retract"</c>.
/// </summary>
internal sealed class SyslogJsonDestination(DestinationId id, SyslogSettings settings, DeliverySettings wanted, DestinationHost host) : IQueuedDestination
{
    private readonly BlockListRule _rule = new(new IndicatorFilter
    {
        IncludeCorollary = wanted.IncludeCorollary,

        // Each line says how bad its indicator is; what is benign is only left out by minimum_impact.
        IncludeBenign = wanted.MinimumImpact is null,
    });

    public QueueLimit Limit { get; } = new(settings.OutboxMaximumMegabytes * 1024L * 1024L, QueueOverflow.DropOldest);

    public IEnumerable<QueueItem> Compose(Delivery delivery)
    {
        foreach (var delivered in delivery.Threats)
        {
            if (!wanted.Products.Contains(delivered.Id.Type)
                || delivered.Model is not Threat threat)
            {
                continue;
            }

            foreach (var record in IndicatorRecords.Of(threat, scores: wanted.Scores))
            {
                if (IsWanted(record))
                {
                    yield return ItemOf(record);
                }
            }
        }

        foreach (var withdrawn in delivery.Withdrawn)
        {
            if (!wanted.Retract || !wanted.Products.Contains(withdrawn.Id.Type))
            {
                continue;
            }

            var known = withdrawn.LastModel;
            if (known is null)
            {
                yield return new QueueItem
                {
                    Destination = id,
                    Verb = DeliveryVerb.Retract,
                    Threat = withdrawn.Id,
                    Payload = RecordJson.Withdrawal(withdrawn.Id),
                };
                continue;
            }

            foreach (var record in IndicatorRecords.Of(known with { Withdrawn = true, Indicators = withdrawn.Removed, RemovedIndicators = [] }, scores: wanted.Scores))
            {
                if (IsWanted(record))
                {
                    yield return ItemOf(record);
                }
            }
        }
    }

    public IQueueSender CreateSender() => new SyslogQueueSender(SyslogEndpoint.Of(settings), settings, host);

    private bool IsWanted(IndicatorRecord record) =>
        (wanted.Retract || record.Operation != RecordOperation.Retract)
        && (wanted.MinimumImpact is not Impact least || record.Impact >= least)
        && _rule.Decide(record).IsAllowed;

    private QueueItem ItemOf(IndicatorRecord record) => new()
    {
        Destination = id,
        Verb = record.Operation == RecordOperation.Retract ? DeliveryVerb.Retract : DeliveryVerb.Upsert,
        Threat = record.ThreatId,
        Payload = RecordJson.Line(record),
    };
}
