using System.Collections.Concurrent;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>A product of each kind in the code of this file alone: nothing else of the program knows it, and a whole run delivers to it.</summary>
public sealed class ToyDestinationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_product_of_each_kind_is_configured_and_delivered_to()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 30 }, Stop);
        using var installation = Toys(simulator);
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();

        var summary = await RunAsync(installation, target);

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Warnings.Count));
        string[] ids = [.. simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}").Order(StringComparer.Ordinal)];
        Assert.Equal(ids, File.ReadAllLines(installation.InFolder("ids.txt")).Order(StringComparer.Ordinal));
        Assert.Equal(ids, target.Select(item => item.Id).Order(StringComparer.Ordinal));
        Assert.Equal("30", File.ReadAllText(installation.InFolder("count.txt")));
        Assert.Equal(["toy_files", "toy_queue", "toy_list"], summary.Destinations.Select(destination => destination.Id));
        Assert.Equal([30, 30, 0], summary.Destinations.Select(destination => destination.Delivered));
        Assert.Equal(1, summary.Destinations[2].FilesWritten);
    }

    [Fact]
    public async Task A_withdrawal_reaches_each_and_a_list_that_nothing_changed_is_left_alone()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Stop);
        using var installation = Toys(simulator);
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();
        await RunAsync(installation, target);
        Assert.Equal(0, (await RunAsync(installation, target)).Destinations[2].FilesWritten);
        var gone = $"{simulator.Threats[0].Type[0]}_{simulator.Threats[0].Id}";
        simulator.Withdraw(gone);

        await RunAsync(installation, target);

        Assert.Equal($"-{gone}", File.ReadAllLines(installation.InFolder("ids.txt"))[^1]);
        Assert.Equal((DeliveryVerb.Retract, gone), target.Last());
        Assert.Equal("9", File.ReadAllText(installation.InFolder("count.txt")));
    }

    [Fact]
    public async Task A_target_that_is_down_holds_up_no_other_and_gets_everything_later()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Stop);
        using var installation = Toys(simulator);

        var down = await RunAsync(installation, target: null);

        Assert.Equal(ExitCode.OutputFailed, down.ExitCode);
        Assert.Equal(10, down.Destinations[1].Waiting);
        Assert.Equal(10, File.ReadAllLines(installation.InFolder("ids.txt")).Length);
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();
        Assert.Equal(ExitCode.Done, (await RunAsync(installation, target)).ExitCode);
        Assert.Equal(10, target.Count);
    }

    [Fact]
    public async Task What_the_target_does_not_take_becomes_a_dead_letter_of_that_destination()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        using var installation = Toys(simulator).Set("toy_queue", "refuse", "1").Save();
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();

        var summary = await RunAsync(installation, target);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 4, 1), (summary.ExitCode, target.Count, summary.Destinations[1].Rejected));
        using var state = PhishMe.Engine.Storage.Sqlite.StateStore.Open(installation.StatePath);
        var letter = Assert.Single(await state.GetDeadLettersAsync(Stop));
        Assert.Equal((DeadLetterKind.QueueItem, "toy_queue", "not wanted"), (letter.Place.Kind, letter.Destination.ToString(), letter.Reason));
    }

    private static Installation Toys(ThreatHqSimulator simulator) => new Installation(simulator)
        .Set("local_sqlite", "use", "True")
        .Set("toy_files", "use", "True").Set("toy_files", "file", "ids.txt")
        .Set("toy_queue", "use", "True")
        .Set("toy_list", "use", "True").Set("toy_list", "file", "count.txt")
        .Save();

    private static Task<RunSummary> RunAsync(Installation installation, ConcurrentQueue<(DeliveryVerb Verb, string Id)>? target) =>
        installation.RunAsync(products: [new ToyFiles(), new ToyQueue(target), new ToyList()]);

    /// <summary>Transactional: a file with a line for each threat.</summary>
    private sealed class ToyFiles : IProduct
    {
        private static readonly SectionSchema _schema = new()
        {
            Name = "toy_files",
            Description = "A toy.",
            DeclareKeys = () => [Flag("use", "False", "Use it."), new() { Name = "file", Kind = ValueKind.OutputFile, Description = "The file." }],
        };

        public IReadOnlyList<SectionSchema> Sections => [_schema];

        public IReadOnlyList<Destination> Read(ProductSettings settings)
        {
            var section = settings.Section(_schema);
            return section.Boolean("use") && section.OutputFile("file") is string path
                ? [new TransactionalDestination { Id = new DestinationId("toy_files"), Section = section.Name, Open = host => new Lines(path, host) }]
                : [];
        }

        private sealed class Lines(string path, DestinationHost host) : ITransactionalDestination
        {
            private readonly long? _known = host.CommittedLength(path);
            private long _committed = host.CommittedLength(path) ?? 0;

            public IReadOnlyList<AppendLength> UnknownLengths => _known is null ? [new AppendLength(path, 0)] : [];

            public void BeginAhead(Batch batch)
            {
            }

            public Task AbandonAsync(Batch batch) => Task.CompletedTask;

            public PreparedDelivery Prepare(Batch batch, Engine.Destinations.Delivery delivery)
            {
                var text = Text(delivery);
                return new PreparedDelivery { Delivery = delivery, BytesAppended = text.Length, Lengths = [new AppendLength(path, _committed + text.Length)] };
            }

            public async Task<PublishedFiles> PublishAsync(Batch batch, PreparedDelivery prepared, CancellationToken cancellationToken)
            {
                await File.AppendAllTextAsync(path, Text(prepared.Delivery), cancellationToken);
                return default;
            }

            public void Commit() => _committed = new FileInfo(path).Length;

            public Task<bool> RollBackAsync()
            {
                if (File.Exists(path))
                {
                    using var file = File.OpenWrite(path);
                    file.SetLength(_committed);
                }

                return Task.FromResult(true);
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;

            private static string Text(Engine.Destinations.Delivery delivery) =>
                string.Concat(delivery.Threats.Select(threat => $"{threat.Id}\n").Concat(delivery.Withdrawn.Select(threat => $"-{threat.Id}\n")));
        }
    }

    /// <summary>Queued: a target in memory; null when it is down.</summary>
    internal sealed class ToyQueue(ConcurrentQueue<(DeliveryVerb Verb, string Id)>? target) : IProduct
    {
        private static readonly SectionSchema _schema = new()
        {
            Name = "toy_queue",
            Description = "A toy.",
            DeclareKeys = () => [Flag("use", "False", "Use it."), Number("refuse", "0", 0, 10, "Items to refuse.")],
        };

        public IReadOnlyList<SectionSchema> Sections => [_schema];

        public IReadOnlyList<Destination> Read(ProductSettings settings)
        {
            var section = settings.Section(_schema);
            var refuse = section.Integer("refuse");
            return section.Boolean("use")
                ? [new QueuedDestination { Id = new DestinationId("toy_queue"), Section = section.Name, Open = _ => new Queue(target, refuse) }]
                : [];
        }

        private sealed class Queue(ConcurrentQueue<(DeliveryVerb Verb, string Id)>? target, int refuse) : IQueuedDestination
        {
            public QueueLimit Limit => new(1024 * 1024, QueueOverflow.FallBehind);

            public IEnumerable<QueueItem> Compose(Engine.Destinations.Delivery delivery) =>
                delivery.Threats.Select(threat => Item(threat.Id, DeliveryVerb.Upsert)).Concat(delivery.Withdrawn.Select(threat => Item(threat.Id, DeliveryVerb.Retract)));

            public IQueueSender CreateSender() => new Sender(target, refuse);

            private static QueueItem Item(ThreatId id, DeliveryVerb verb) => new()
            {
                Destination = new DestinationId("toy_queue"),
                Verb = verb,
                Threat = id,
                Key = id.ToString(),
                Payload = Encoding.UTF8.GetBytes(id.ToString()),
            };
        }

        private sealed class Sender(ConcurrentQueue<(DeliveryVerb Verb, string Id)>? target, int refuse) : IQueueSender
        {
            private int _refused;

            public QueueBatch LargestBatch => new(3);

            public Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
            {
                if (target is null)
                {
                    return Task.FromResult(new SendResult { Outcomes = [], Failure = new Fault { Kind = Faults.OutputFailed, Message = "The toy is down." } });
                }

                var outcomes = new List<SendOutcome>();
                foreach (var item in items)
                {
                    if (_refused < refuse)
                    {
                        _refused++;
                        outcomes.Add(SendOutcome.Rejected("not wanted"));
                        continue;
                    }

                    target.Enqueue((item.Verb, Encoding.UTF8.GetString(item.Payload.Span)));
                    outcomes.Add(SendOutcome.Accepted);
                }

                return Task.FromResult(new SendResult { Outcomes = outcomes });
            }

            public IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<CheckResult>();

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>Rebuilt: a file with the number of live threats.</summary>
    internal sealed class ToyList : IProduct
    {
        private static readonly SectionSchema _schema = new()
        {
            Name = "toy_list",
            Description = "A toy.",
            DeclareKeys = () => [Flag("use", "False", "Use it."), new() { Name = "file", Kind = ValueKind.OutputFile, Description = "The file." }],
        };

        public IReadOnlyList<SectionSchema> Sections => [_schema];

        public IReadOnlyList<Destination> Read(ProductSettings settings)
        {
            var section = settings.Section(_schema);
            return section.Boolean("use") && section.OutputFile("file") is string path
                ? [new RebuiltDestination { Id = new DestinationId("toy_list"), Section = section.Name, Open = _ => new Count(path) }]
                : [];
        }

        private sealed class Count(string path) : IRebuiltDestination
        {
            public async Task<RebuildResult> RebuildAsync(IStoredThreats threats, CancellationToken cancellationToken)
            {
                var live = 0;
                for (var page = await threats.ReadAsync(0, 4, cancellationToken); page.Threats.Count > 0; page = await threats.ReadAsync(page.Next, 4, cancellationToken))
                {
                    live += page.Threats.Count(threat => threat.WithdrawnAt is null);
                }

                await File.WriteAllTextAsync(path, live.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
                return new RebuildResult(1, 0);
            }
        }
    }
}
