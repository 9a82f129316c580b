using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>
/// A queued product in memory that keeps indicators: an upsert for each threat, as a MISP event, and a retract for each indicator that left. It can be
/// down, and its queue falls behind when it is full.
/// </summary>
internal sealed class ToyTarget : IProduct
{
    private static readonly DestinationId _id = new("toy_target");

    private static readonly SectionSchema _schema = new()
    {
        Name = "toy_target",
        Description = "A toy.",
        DeclareKeys = () => [Flag("use", "False", "Use it."), Number("queue_bytes", "1000000", 1, 1_000_000, "Bytes that may wait.")],
    };

    /// <summary>What the target took, in order.</summary>
    public ConcurrentQueue<(DeliveryVerb Verb, string Key, string Payload)> Taken { get; } = new();

    public bool IsDown { get; set; }

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IEnumerable<string> KeysOf(DeliveryVerb verb) => Taken.Where(item => item.Verb == verb).Select(item => item.Key);

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        var section = settings.Section(_schema);
        return section.Boolean("use")
            ? [new QueuedDestination { Id = _id, Section = section.Name, Open = _ => new Queue(this, section.Integer("queue_bytes")) }]
            : [];
    }

    private sealed class Queue(ToyTarget target, int bytes) : IQueuedDestination
    {
        private readonly IThreatRenderer _misp = FormatCatalogue.Of(RenderingFormat.Misp).Renderer(new RenderingOptions { Format = RenderingFormat.Misp }, ScoreTable.Usual);

        public QueueLimit Limit => new(bytes, QueueOverflow.FallBehind);

        public IEnumerable<QueueItem> Compose(Engine.Destinations.Delivery delivery)
        {
            foreach (var threat in delivery.Threats)
            {
                var payload = new ArrayBufferWriter<byte>();
                _misp.Render(threat.Model!, payload);
                yield return Item(threat.Id, DeliveryVerb.Upsert, threat.Id.ToString(), payload.WrittenMemory);
                foreach (var removed in threat.Removed)
                {
                    yield return Item(threat.Id, DeliveryVerb.Retract, removed.Value, new byte[] { (byte)'-' });
                }
            }

            foreach (var withdrawn in delivery.Withdrawn)
            {
                foreach (var removed in withdrawn.Removed)
                {
                    yield return Item(withdrawn.Id, DeliveryVerb.Retract, removed.Value, new byte[] { (byte)'-' });
                }
            }
        }

        public IQueueSender CreateSender() => new Sender(target);

        private static QueueItem Item(ThreatId id, DeliveryVerb verb, string key, ReadOnlyMemory<byte> payload) =>
            new() { Destination = _id, Verb = verb, Threat = id, Key = key, Payload = payload };
    }

    private sealed class Sender(ToyTarget target) : IQueueSender
    {
        public QueueBatch LargestBatch => new(3);

        public Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
        {
            if (target.IsDown)
            {
                return Task.FromResult(new SendResult { Outcomes = [], Failure = new Fault { Kind = Faults.OutputFailed, Message = "The toy is down." } });
            }

            foreach (var item in items)
            {
                target.Taken.Enqueue((item.Verb, item.Key, Encoding.UTF8.GetString(item.Payload.Span)));
            }

            return Task.FromResult(new SendResult { Outcomes = [.. items.Select(_ => SendOutcome.Accepted)] });
        }

        public async IAsyncEnumerable<CheckResult> CheckAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new CheckResult { Subject = "Address", Outcome = CheckOutcome.Pass, Message = "The toy has an address." };
            if (target.IsDown)
            {
                throw new PhishMeException(Faults.OutputFailed, "The toy is down.");
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
