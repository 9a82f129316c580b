using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A large backfill by the module against the floor, and its memory over that of an empty pwsh.</summary>
internal sealed class ModuleBenchmark(BenchmarkFolder folder, PowerShellProgram shell, BenchmarkOptions options, TargetList targets)
{
    private const double LargestRatio = 3.0;
    private const double LargestPeakOverEmpty = 80;

    public async Task RunAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.Threats, latency: 0);
        await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile); // Not measured: the simulator's code gets compiled.
        var floors = new List<Measured>();
        var runs = new List<Measured>();
        var empty = new List<Measured>();
        for (var i = 0; i < options.Repeat; i++)
        {
            floors.Add(await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile));
            runs.Add(await shell.SyncAsync(folder.Configure(simulator, options.Concurrency, "json")));
            empty.Add(await shell.EmptyAsync());
        }

        var run = Measured.MedianByWall(runs);
        var ratio = run.Wall / Measured.MedianByWall(floors).Wall;
        Console.WriteLine();
        Console.WriteLine("run                        x floor    wall s     cpu s  peak MiB");
        Console.WriteLine(Invariant(
            $"{options.Threats,7:N0}, JSON, module     {ratio,8:0.00}  {run.Wall.TotalSeconds,8:0.00}  {run.Cpu.TotalSeconds,8:0.00}  {run.PeakMebibytes,8:0}"));
        Judge(targets, options.Threats, ratio, run, Measured.MedianByWall(empty));
    }

    /// <summary>The targets of a large backfill by the module.</summary>
    /// <param name="targets">Takes them.</param>
    /// <param name="threats">How many it fetched.</param>
    /// <param name="ratio">Its time over that of the floor.</param>
    /// <param name="run">The run.</param>
    /// <param name="empty">A pwsh that does nothing.</param>
    public static void Judge(TargetList targets, int threats, double ratio, Measured run, Measured empty)
    {
        targets.Add(Invariant($"{threats:N0} threats by the module within {LargestRatio} times the floor"), Invariant($"{ratio:0.00}"), ratio <= LargestRatio);
        var more = run.PeakMebibytes - empty.PeakMebibytes;
        targets.Add(Invariant($"peak of the module at most {LargestPeakOverEmpty} MiB over an empty pwsh"), Invariant($"{more:0} MiB"), more <= LargestPeakOverEmpty);
    }
}
