using System.Diagnostics;
using PhishMe.Simulator.Products;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A product by HTTP that was down during a backfill and is back: how fast its queue drains, and whether memory depends on its length.</summary>
internal sealed class PushBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const double LeastRate = 20_000;
    private const double LargestGrowth = 1.2;

    public async Task RunAsync()
    {
        var quarter = await MeasureAsync(options.Threats / 4);
        var whole = await MeasureAsync(options.Threats);
        targets.Add(Invariant($"a product takes at least {LeastRate:N0} items a second"), Invariant($"{whole.Rate:N0}"), whole.Rate >= LeastRate);
        var growth = (double)whole.Peak / quarter.Peak;
        targets.Add(
            Invariant($"peak memory while {options.Threats:N0} threats drain at most 20 % over {options.Threats / 4:N0}"), Invariant($"{(growth - 1) * 100:+0;-0} %"),
            growth <= LargestGrowth);
    }

    private async Task<(double Rate, long Peak)> MeasureAsync(int threats)
    {
        var collector = new Collector();
        await using var product = await ProductServer.StartAsync(collector, keepsRequests: false);
        product.Always(_ => ProductAnswer.Json(503, "{}"));
        await using var simulator = await SimulatorProcess.StartAsync(threats, latency: 0);
        var configuration = folder.Configure(simulator, options.Concurrency);
        await File.AppendAllTextAsync(
            configuration,
            $"\n[integration_splunk_hec]\nuse = True\ntoken = token-of-the-benchmark\nevent_url = {product.Address}services/collector/event\njson_raw = 0\njson_blockset = 1\n"
            + "json_executableset = 1\nmax_retries = 1\nqueue_max_mb = 4096\n");
        var filled = await phishme.FailingSyncAsync(configuration);
        product.Always(null);
        var drained = await phishme.SyncAsync(configuration);
        var rate = collector.Items / collector.Seconds;
        Console.WriteLine(Invariant($"Push of {threats:N0} threats, {collector.Items:N0} items in {product.Count} requests"));
        Console.WriteLine(Invariant($"  queued   {filled.Wall.TotalSeconds:0.0} s, cpu {filled.Cpu.TotalSeconds:0.0} s, peak {filled.PeakBytes / 1024 / 1024} MiB"));
        Console.WriteLine(Invariant($"  drained  {drained.Wall.TotalSeconds:0.0} s, cpu {drained.Cpu.TotalSeconds:0.0} s, peak {drained.PeakBytes / 1024 / 1024} MiB, {rate:N0} items a second"));
        BenchmarkFolder.Clear(configuration);
        return (rate, drained.PeakBytes);
    }

    /// <summary>Counts events and forgets them.</summary>
    private sealed class Collector : ISimulatedProduct
    {
        private readonly Lock _gate = new();
        private long _first;
        private long _last;

        public long Items { get; private set; }

        /// <summary>From the first request to the last.</summary>
        public double Seconds => Stopwatch.GetElapsedTime(_first, _last).TotalSeconds;

        public ProductAnswer Answer(ProductRequest request)
        {
            ArgumentNullException.ThrowIfNull(request);
            var items = request.Body.AsSpan().Count("\"event\":{"u8);
            lock (_gate)
            {
                Items += items;
                _last = Stopwatch.GetTimestamp();
                _first = _first == 0 ? _last : _first;
            }

            return ProductAnswer.Json(200, """{"text":"Success","code":0}""");
        }
    }
}
