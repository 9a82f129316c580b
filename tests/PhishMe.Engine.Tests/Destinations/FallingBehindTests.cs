using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.Queues;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using Serilog.Core;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>A target that holds a set loses nothing when its queue is full: it takes no more batches and catches up later.</summary>
public sealed class FallingBehindTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_destination_that_fell_behind_catches_up_and_holds_up_no_other(bool store)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 40 }, Stop);
        using var installation = new Installation(simulator).WithOutput("json", files: false)
            .Set("pm_api", "results_per_page", "5")
            .Set("local_sqlite", "use", store.ToString())
            .Set("toy_target", "use", "True").Set("toy_target", "queue_bytes", "20000")
            .Save();
        var target = new ToyTarget { IsDown = true };

        var down = await RunAsync(installation, target);

        Assert.Equal(ExitCode.OutputFailed, down.ExitCode);
        Assert.InRange(Toy(down).Waiting, 1, 39);
        Assert.Equal(40, File.ReadAllLines(installation.AppendPath("json")).Length);
        target.IsDown = false;
        await RunAsync(installation, target);
        var done = await RunAsync(installation, target);

        Assert.Equal((ExitCode.Done, 0L), (done.ExitCode, Toy(done).Waiting));
        Assert.Equal(
            simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}").Order(StringComparer.Ordinal),
            target.KeysOf(DeliveryVerb.Upsert).Order(StringComparer.Ordinal));
        Assert.Equal(40, File.ReadAllLines(installation.AppendPath("json")).Length);
    }

    [Fact]
    public async Task The_batch_that_fills_the_queue_is_kept_and_a_rollback_undoes_the_overflow()
    {
        using var folder = new StateFolder();
        using var state = folder.Open();
        var id = new DestinationId("toy_target");
        await using var queue = new QueueDrainer(
            new QueuedDestination { Id = id, Section = "toy_target", Open = _ => throw new InvalidOperationException() },
            new Full(), state, default, TimeProvider.System, Logger.None, new SecretHiding(text => text, bytes => bytes), step: null);

        using (var transaction = await state.BeginAsync(Stop))
        {
            await queue.AddAsync(transaction, [Item(id, 11)]);
        }

        queue.RollBack();
        Assert.Equal((false, 0L), (queue.HasOverflowed, await queue.CountAsync(Stop)));
        using (var transaction = await state.BeginAsync(Stop))
        {
            await queue.AddAsync(transaction, [Item(id, 6), Item(id, 6)]);
            await transaction.CommitAsync();
        }

        queue.Commit();

        Assert.Equal((true, 2L, 0L), (queue.HasOverflowed, await queue.CountAsync(Stop), queue.Dropped));
        queue.Resume();
        Assert.False(queue.HasOverflowed);
    }

    private static Task<RunSummary> RunAsync(Installation installation, ToyTarget target) =>
        installation.RunAsync(products: [.. Engine.Destinations.Products.ProductCatalogue.All, target]);

    private static DestinationSummary Toy(RunSummary summary) => summary.Destinations.Single(destination => destination.Id == "toy_target");

    private static QueueItem Item(DestinationId id, int bytes) => new() { Destination = id, Payload = new byte[bytes] };

    private sealed class Full : IQueuedDestination
    {
        public QueueLimit Limit => new(10, QueueOverflow.FallBehind);

        public IEnumerable<QueueItem> Compose(Engine.Destinations.Delivery delivery) => [];

        public IQueueSender CreateSender() => new NoSender();
    }

    private sealed class NoSender : IQueueSender
    {
        public QueueBatch LargestBatch => new(1);

        public Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<CheckResult>();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
