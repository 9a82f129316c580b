using System.Diagnostics;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>
/// How fast a queue drains, and what that costs in memory. Nothing is asserted about time; run it with <c>-explicit only -class "*ThroughputMeasurement"</c>.
/// </summary>
public sealed class ThroughputMeasurement(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(5_000)]
    [InlineData(20_000)]
    public async Task A_product_that_was_down_during_a_backfill_gets_all_of_it(int threats)
    {
        var stop = TestContext.Current.CancellationToken;
        var product = new CountingCollector();
        await using var server = await ProductServer.StartAsync(product, keepsRequests: false);
        server.Always(_ => ProductAnswer.Json(503, "{}"));
        await using var api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, stop);
        using var installation = new Installation(api);
        installation.Set("integration_splunk_hec", "use", "True").Set("integration_splunk_hec", "token", "token-of-the-measurement")
            .Set("integration_splunk_hec", "event_url", $"{server.Address}services/collector/event").Set("integration_splunk_hec", "json_raw", "0")
            .Set("integration_splunk_hec", "json_blockset", "1").Set("integration_splunk_hec", "json_executableset", "1")
            .Set("integration_splunk_hec", "max_retries", "1").Set("integration_splunk_hec", "queue_max_mb", "4096").Save();
        Assert.Equal(ExitCode.OutputFailed, (await installation.RunAsync()).ExitCode);
        server.Always(null);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        var seconds = clock.Elapsed.TotalSeconds;
        output.WriteLine(FormattableString.Invariant(
            $"{threats} threats, {product.Events} events of indicators in {seconds:0.0} s: {product.Events / seconds:0} a second, {server.Count} requests"));
        output.WriteLine(FormattableString.Invariant(
            $"managed memory before {before / 1048576.0:0.0} MiB, most while draining {product.MostMemory / 1048576.0:0.0} MiB (simulators in the same process)"));
    }

    /// <summary>Counts events and forgets them.</summary>
    private sealed class CountingCollector : ISimulatedProduct
    {
        public long Events { get; private set; }

        public long MostMemory { get; private set; }

        public ProductAnswer Answer(ProductRequest request)
        {
            Events += request.Body.AsSpan().Count("\"event\":{"u8);
            MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: false));
            return ProductAnswer.Json(200, """{"text":"Success","code":0}""");
        }
    }
}
