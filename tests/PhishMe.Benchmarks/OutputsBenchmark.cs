using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>JSON, CEF and STIX 2.1 made here, and the store; and the same without the store, which is how much the store takes.</summary>
internal sealed class OutputsBenchmark(
    BenchmarkFolder folder, IReadOnlyList<PhishMeProgram> programs, PowerShellProgram? shell, BenchmarkOptions options, TargetList targets)
{
    private const int Threats = 20_000;
    private const double Longest = 10;
    private const double LargestPeak = 200;

    public async Task RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"JSON + CEF + STIX 2.1 + store, {options.Threats:N0} threats at 0 ms; median of {options.Repeat}"));
        Console.WriteLine("program   x floor    wall s     cpu s  peak MiB  cpu ms a threat  of which store");
        await using var simulator = await SimulatorProcess.StartAsync(options.Threats, latency: 0);
        await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile); // Not measured: the simulator's code gets compiled.
        var contenders = Contenders.Of(programs, shell);
        var floors = new List<Measured>();
        var runs = contenders.ToDictionary(contender => contender.Name, _ => new List<Measured>());
        var plain = contenders.ToDictionary(contender => contender.Name, _ => new List<Measured>());
        for (var i = 0; i < options.Repeat; i++)
        {
            floors.Add(await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile));
            foreach ((var name, var sync) in contenders)
            {
                runs[name].Add(await sync(folder.ConfigureEverything(simulator, options.Concurrency)));
                plain[name].Add(await sync(folder.ConfigureEverything(simulator, options.Concurrency, withStore: false)));
            }
        }

        var floor = Measured.MedianByWall(floors);
        foreach ((var name, _) in contenders)
        {
            var run = Measured.MedianByWall(runs[name]);
            var each = run.Cpu.TotalMilliseconds / options.Threats;
            var store = each - (Measured.MedianByWall(plain[name]).Cpu.TotalMilliseconds / options.Threats);
            Console.WriteLine(
                Invariant($"{name,-8}  {run.Wall / floor.Wall,7:0.00}  {run.Wall.TotalSeconds,8:0.00}  {run.Cpu.TotalSeconds,8:0.00}  {run.PeakMebibytes,8:0}  ")
                + Invariant($"{each,15:0.000}  {store,14:0.000}"));
        }

        // The target is for the program as it is installed. Other numbers of threats have the time in proportion.
        var first = contenders[0].Name;
        var most = Longest * options.Threats / Threats;
        var wall = Measured.MedianByWall(runs[first]).Wall.TotalSeconds;
        targets.Add(Invariant($"all outputs and the store of {options.Threats:N0} threats within {most:0.0} s, {first}"), Invariant($"{wall:0.0} s"), wall <= most);
        var peak = runs[first].Max(run => run.PeakMebibytes);
        targets.Add(Invariant($"all outputs and the store under {LargestPeak} MiB, {first}"), Invariant($"{peak:0} MiB"), peak < LargestPeak);
    }
}
