using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A backfill of JSON, per threat and append, against the floor; and its peak memory for few and for many threats.</summary>
internal sealed class BackfillBenchmark(Workshop workshop, BenchmarkOptions options, TargetList targets)
{
    private const int Few = 5_000;
    private const double LargestRatio = 3.0;
    private const double LargestGrowth = 1.2;
    private const long LargestPeak = 200L * 1024 * 1024;

    private readonly List<long> _peaks = [];

    public async Task RunAsync()
    {
        Console.WriteLine(Invariant($"Backfill of JSON, per threat and append; concurrent_requests = {options.Concurrency}; median of {options.Repeat}"));
        Console.WriteLine("threats  latency   floor s  phishme s  ratio  threats/s  floor cpu s  phishme cpu s  phishme peak MiB");

        long few = (await MeasureAsync(Few, options.Latencies[0])).PeakBytes;
        long many = 0;
        foreach (int latency in options.Latencies)
        {
            Measured ours = await MeasureAsync(options.Threats, latency);
            many = many == 0 ? ours.PeakBytes : many;
        }

        long peak = _peaks.Max();
        targets.Add("peak memory under 200 MiB", Invariant($"{Mebibytes(peak):0} MiB"), peak < LargestPeak);
        double growth = (double)many / few;
        targets.Add(
            Invariant($"peak memory of {options.Threats} threats at most 20 % over that of {Few}"), Invariant($"{(growth - 1) * 100:+0;-0} %"), growth <= LargestGrowth);
    }

    private static double Mebibytes(long bytes) => bytes / 1024.0 / 1024.0;

    private async Task<Measured> MeasureAsync(int threats, int latency)
    {
        await using SimulatorProcess simulator = await SimulatorProcess.StartAsync(threats, latency);

        // Not measured: the simulator's code gets compiled, and compiled again where it is hot. Otherwise the floor, which comes first, would pay for that.
        await FloorAsync(simulator, threats);

        var floors = new List<Measured>();
        var ours = new List<Measured>();
        for (int i = 0; i < options.Repeat; i++)
        {
            floors.Add(await FloorAsync(simulator, threats));
            string configuration = workshop.Configure(simulator, options.Concurrency, "json");
            ours.Add(await Workshop.SyncAsync(configuration));
        }

        Measured floor = Measured.MedianByWall(floors);
        Measured sync = Measured.MedianByWall(ours) with { PeakBytes = ours.Max(run => run.PeakBytes) };
        double ratio = sync.Wall / floor.Wall;
        Console.WriteLine(
            Invariant($"{threats,7:N0}  {latency,4} ms  {floor.Wall.TotalSeconds,8:0.00}  {sync.Wall.TotalSeconds,9:0.00}  {ratio,5:0.00}  ")
            + Invariant($"{threats / sync.Wall.TotalSeconds,9:N0}  {floor.Cpu.TotalSeconds,11:0.00}  {sync.Cpu.TotalSeconds,13:0.00}  {Mebibytes(sync.PeakBytes),16:0}"));
        _peaks.Add(sync.PeakBytes);
        if (threats == options.Threats)
        {
            targets.Add(Invariant($"{threats} threats at {latency} ms within 3 times the floor"), Invariant($"{ratio:0.00}"), ratio <= LargestRatio);
        }

        return sync;
    }

    // What runs wrote stays until the end: for half a minute ext4 looks twice at every inode that was given back, and the next run would pay for it.
    private async Task<Measured> FloorAsync(SimulatorProcess simulator, int threats)
    {
        Measured floor = await MeasuredProcess.RunAsync("PhishMe.Benchmarks", Floor.Arguments(simulator, threats, options.Concurrency, workshop.FloorFile));
        File.Delete(workshop.FloorFile);
        return floor;
    }
}
