using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>Peak memory of a backfill of very many threats.</summary>
internal sealed class MemoryBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const double LargestPeak = 200;

    public async Task RunAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.ManyThreats, latency: 0);
        var configuration = folder.Configure(simulator, options.Concurrency, "json");
        var run = await phishme.SyncAsync(configuration);
        BenchmarkFolder.Clear(configuration);
        Console.WriteLine();
        Console.WriteLine(Invariant(
            $"{options.ManyThreats:N0} threats, JSON, {phishme.Name}: peak {run.PeakMebibytes:0} MiB, {run.Wall.TotalSeconds:0.0} s, cpu {run.Cpu.TotalSeconds:0.0} s"));
        targets.Add(
            Invariant($"peak memory of {options.ManyThreats:N0} threats under {LargestPeak} MiB, {phishme.Name}"), Invariant($"{run.PeakMebibytes:0} MiB"), run.PeakMebibytes < LargestPeak);
    }
}
