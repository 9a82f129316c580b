using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>CEF by syslog: each line of a threat is an event, and a withdrawal is an event, too.</summary>
/// <param name="id">Its id.</param>
/// <param name="settings">The collector.</param>
/// <param name="host">What the run lends.</param>
/// <param name="wanted">Whose threats, and whether withdrawals are passed on; null for all. The events themselves are as the API has them.</param>
internal sealed class SyslogDestination(DestinationId id, SyslogSettings settings, DestinationHost host, DeliverySettings? wanted = null) : IQueuedDestination
{
    private readonly OutputRendering _rendering = new(new RenderingOptions { Format = RenderingFormat.Cef });

    public QueueLimit Limit { get; } = new(settings.OutboxMaximumMegabytes * 1024L * 1024L, QueueOverflow.DropOldest);

    public IEnumerable<QueueItem> Compose(Delivery delivery)
    {
        foreach (var threat in delivery.Threats.Where(threat => IsWanted(threat.Id)))
        {
            foreach (var line in LinesOf(threat.Rendition.Bytes))
            {
                yield return new QueueItem { Destination = id, Threat = threat.Id, Payload = line };
            }
        }

        foreach (var withdrawn in delivery.Withdrawn.Where(withdrawn => wanted?.Retract != false && IsWanted(withdrawn.Id)))
        {
            var announcement = _rendering.Withdrawn(new WithdrawnThreat { Id = withdrawn.Id, FirstPublished = withdrawn.FirstPublished });
            foreach (var line in LinesOf(announcement))
            {
                yield return new QueueItem { Destination = id, Verb = DeliveryVerb.Retract, Threat = withdrawn.Id, Payload = line };
            }
        }
    }

    public IEnumerable<QueueItem> ComposeEndOfRun(string runId, DateTimeOffset now) => settings.Heartbeat
        ?
        [
            new QueueItem
            {
                Destination = id,
                Payload = Encoding.UTF8.GetBytes(FormattableString.Invariant(
                    $"CEF:0|PhishMe|Intelligence|1.0|heartbeat|Heartbeat|0|cat=Heartbeat rt={now.ToUnixTimeMilliseconds()} cs1Label=Run cs1={runId}")),
            },
        ]
        : [];

    public IQueueSender CreateSender() => new SyslogQueueSender(SyslogEndpoint.Of(settings), settings, host);

    private bool IsWanted(ThreatId threat) => wanted?.Products.Contains(threat.Type) != false;

    private static List<ReadOnlyMemory<byte>> LinesOf(ReadOnlyMemory<byte> text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        foreach (var range in text.Span.Split((byte)'\n'))
        {
            if (text[range] is { IsEmpty: false } line)
            {
                lines.Add(line);
            }
        }

        return lines;
    }
}
