using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A backfill of JSON, per threat and append, against the floor; and its peak memory for few and for many threats.</summary>
internal sealed class BackfillBenchmark(BenchmarkFolder folder, IReadOnlyList<PhishMeProgram> programs, BenchmarkOptions options, TargetList targets)
{
    private const int Few = 5_000;
    private const double LargestRatio = 3.0;
    private const double LargestGrowth = 1.2;
    private const long LargestPeak = 200L * 1024 * 1024;

    /// <summary>Peaks of memory by program: of the few threats first.</summary>
    private readonly Dictionary<PhishMeProgram, List<long>> _peaks = programs.ToDictionary(program => program, _ => new List<long>());

    public async Task RunAsync()
    {
        Console.WriteLine(Invariant($"Backfill of JSON, per threat and append; concurrent_requests = {options.Concurrency}; median of {options.Repeat}"));
        Console.WriteLine("threats  latency  phishme   floor s  phishme s  ratio  threats/s  floor cpu s  phishme cpu s  phishme peak MiB");

        await MeasureAsync(Few, options.Latencies[0]);
        foreach (var latency in options.Latencies)
        {
            await MeasureAsync(options.Threats, latency);
        }

        foreach ((var program, var peaks) in _peaks)
        {
            targets.Add($"peak memory under 200 MiB, {program.Name}", Invariant($"{Mebibytes(peaks.Max()):0} MiB"), peaks.Max() < LargestPeak);
            var growth = (double)peaks[1] / peaks[0];
            targets.Add(
                Invariant($"peak memory of {options.Threats} threats at most 20 % over that of {Few}, {program.Name}"),
                Invariant($"{(growth - 1) * 100:+0;-0} %"),
                growth <= LargestGrowth);
        }
    }

    private static double Mebibytes(long bytes) => bytes / 1024.0 / 1024.0;

    // What runs wrote stays until the end: for half a minute ext4 looks twice at every inode that was given back, and the next run would pay for it.
    private async Task MeasureAsync(int threats, int latency)
    {
        await using var simulator = await SimulatorProcess.StartAsync(threats, latency);

        // Not measured: the simulator's code gets compiled, and compiled again where it is hot. Otherwise the floor, which comes first, would pay for that.
        await Floor.MeasureAsync(simulator, threats, options.Concurrency, folder.FloorFile);

        var floors = new List<Measured>();
        var ours = programs.ToDictionary(program => program, _ => new List<Measured>());
        for (var i = 0; i < options.Repeat; i++)
        {
            floors.Add(await Floor.MeasureAsync(simulator, threats, options.Concurrency, folder.FloorFile));
            foreach (var program in programs)
            {
                ours[program].Add(await program.SyncAsync(folder.Configure(simulator, options.Concurrency, "json")));
            }
        }

        var floor = Measured.MedianByWall(floors);
        foreach (var program in programs)
        {
            Tell(threats, latency, program, floor, Measured.MedianByWall(ours[program]) with { PeakBytes = ours[program].Max(run => run.PeakBytes) });
        }
    }

    private void Tell(int threats, int latency, PhishMeProgram program, Measured floor, Measured sync)
    {
        var ratio = sync.Wall / floor.Wall;
        Console.WriteLine(
            Invariant($"{threats,7:N0}  {latency,4} ms  {program.Name,-7}  {floor.Wall.TotalSeconds,8:0.00}  {sync.Wall.TotalSeconds,9:0.00}  {ratio,5:0.00}  ")
            + Invariant($"{threats / sync.Wall.TotalSeconds,9:N0}  {floor.Cpu.TotalSeconds,11:0.00}  {sync.Cpu.TotalSeconds,13:0.00}  {Mebibytes(sync.PeakBytes),16:0}"));
        _peaks[program].Add(sync.PeakBytes);

        // The target is for the program as it is installed; the managed one shows what a run inside PowerShell takes.
        if (threats == options.Threats && program == programs[0])
        {
            targets.Add(Invariant($"{threats} threats at {latency} ms within 3 times the floor, {program.Name}"), Invariant($"{ratio:0.00}"), ratio <= LargestRatio);
        }
    }
}
