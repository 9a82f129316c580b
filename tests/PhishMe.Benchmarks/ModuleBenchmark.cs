using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A large backfill by the module against the floor, all outputs with the store by the program, and memory for very many threats.</summary>
internal sealed class ModuleBenchmark(
    BenchmarkFolder folder, IReadOnlyList<PhishMeProgram> programs, PowerShellProgram? shell, BenchmarkOptions options, TargetList targets)
{
    private const int Many = 100_000;
    private const double LargestRatio = 3.0;
    private const double LongestWithAll = 10;
    private const double LargestPeak = 200;
    private const double LargestPeakOverEmpty = 80;

    public async Task RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine("run                                                    x floor    wall s     cpu s  peak MiB");
        await using (var simulator = await SimulatorProcess.StartAsync(options.Threats, latency: 0))
        {
            await FloorAsync(simulator);
            if (shell is not null)
            {
                await ModuleAsync(simulator, shell);
            }

            foreach (var program in programs)
            {
                var run = await program.SyncAsync(folder.ConfigureEverything(simulator, options.Concurrency));
                Show(Invariant($"{options.Threats:N0}, JSON + CEF + STIX 2.1 + store, {program.Name}"), run, null);
                if (program == programs[0])
                {
                    targets.Add(
                        Invariant($"all outputs and the store of {options.Threats:N0} threats within {LongestWithAll} s, {program.Name}"),
                        Invariant($"{run.Wall.TotalSeconds:0.0} s"),
                        run.Wall.TotalSeconds <= LongestWithAll);
                    targets.Add("all outputs and the store under 200 MiB", Invariant($"{Mebibytes(run):0} MiB"), Mebibytes(run) < LargestPeak);
                }
            }
        }

        await using var large = await SimulatorProcess.StartAsync(Many, latency: 0);
        var many = await programs[0].SyncAsync(folder.Configure(large, options.Concurrency, "json"));
        Show(Invariant($"{Many:N0}, JSON, {programs[0].Name}"), many, null);
        targets.Add(Invariant($"peak memory of {Many:N0} threats under 200 MiB"), Invariant($"{Mebibytes(many):0} MiB"), Mebibytes(many) < LargestPeak);
    }

    private async Task ModuleAsync(SimulatorProcess simulator, PowerShellProgram pwsh)
    {
        var floors = new List<Measured>();
        var runs = new List<Measured>();
        var empty = new List<Measured>();
        for (var i = 0; i < options.Repeat; i++)
        {
            floors.Add(await FloorAsync(simulator));
            runs.Add(await pwsh.SyncAsync(folder.Configure(simulator, options.Concurrency, "json")));
            empty.Add(await pwsh.EmptyAsync());
        }

        var run = Measured.MedianByWall(runs);
        var ratio = run.Wall / Measured.MedianByWall(floors).Wall;
        Show(Invariant($"{options.Threats:N0}, JSON, module"), run, ratio);
        targets.Add(Invariant($"{options.Threats:N0} threats by the module within 3 times the floor"), Invariant($"{ratio:0.00}"), ratio <= LargestRatio);
        var more = Mebibytes(run) - Mebibytes(Measured.MedianByWall(empty));
        targets.Add("peak of the module at most 80 MiB over an empty pwsh", Invariant($"{more:0} MiB"), more <= LargestPeakOverEmpty);
    }

    private static void Show(string name, Measured run, double? ratio) => Console.WriteLine(
        Invariant($"{name,-55}  {ratio,6:0.00}  {run.Wall.TotalSeconds,8:0.00}  {run.Cpu.TotalSeconds,8:0.00}  {Mebibytes(run),8:0}"));

    private static double Mebibytes(Measured run) => run.PeakBytes / 1024.0 / 1024.0;

    private async Task<Measured> FloorAsync(SimulatorProcess simulator)
    {
        var floor = await MeasuredProcess.RunAsync(
            MeasuredProcess.Beside("PhishMe.Benchmarks"), Floor.Arguments(simulator, options.Threats, options.Concurrency, folder.FloorFile));
        File.Delete(folder.FloorFile);
        return floor;
    }
}
