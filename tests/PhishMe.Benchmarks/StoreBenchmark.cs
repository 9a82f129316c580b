using System.Diagnostics;
using System.Globalization;
using System.Text;
using PhishMe.Engine;
using PhishMe.Intelligence;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>The local store as a run builds it: size, build rate, single look-ups, a pipe of values, and a log.</summary>
internal sealed class StoreBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const int Values = 100_000;
    private const int Sample = 20_000;
    private const int Lookups = 20_000;
    private const int MostMatches = 50;
    private const int Hosts = 50_000;
    private const int SmallLog = 64;
    private const double LargestGrowth = 1.2;
    private const double PipeSeconds = 5;
    private const double LogRate = 40;
    private const long LargestPeak = 250L * 1024 * 1024;

    /// <summary>A fifth of them makes a state file that is larger than what is kept of it in memory: the peaks of smaller ones grow with the file.</summary>
    private const int LeastForGrowth = 100_000;

    public async Task RunAsync()
    {
        long? small = options.StoreThreats < LeastForGrowth ? null : await PeakOfAFifthAsync();
        await using var simulator = await SimulatorProcess.StartAsync(options.StoreThreats, latency: 0);
        var plain = folder.Configure(simulator, options.Concurrency, "json");
        var without = await phishme.SyncAsync(plain);
        BenchmarkFolder.Clear(plain);
        var configuration = WithStore(simulator);
        var built = await phishme.SyncAsync(configuration);

        using var store = Open(configuration);
        var watch = Stopwatch.StartNew();
        var statistics = store.GetStatistics();
        var counting = watch.Elapsed;
        Console.WriteLine(Invariant($"Store of {statistics.Threats:N0} threats, {statistics.Indicators:N0} indicators"));
        Console.WriteLine(Invariant($"  size            {Mebibytes(statistics.FileSize):0} MiB ({statistics.FileSize / (double)statistics.Threats:0} bytes a threat)"));
        Console.WriteLine(Invariant($"  build           {built.Wall.TotalSeconds:0.0} s, {statistics.Threats / built.Wall.TotalSeconds:N0} threats/s, cpu {built.Cpu.TotalSeconds:0.0} s, peak {Mebibytes(built.PeakBytes):0} MiB"));
        Console.WriteLine(Invariant($"  without store   {without.Wall.TotalSeconds:0.0} s, {statistics.Threats / without.Wall.TotalSeconds:N0} threats/s, cpu {without.Cpu.TotalSeconds:0.0} s, peak {Mebibytes(without.PeakBytes):0} MiB"));
        Console.WriteLine(Invariant($"  statistics      {counting.TotalSeconds:0.0} s"));
        if (small is long peak)
        {
            AddGrowth(Invariant($"peak memory of a run with store at most 20 % over that of {options.StoreThreats / 5:N0} threats"), peak, built.PeakBytes);
        }

        targets.Add("peak memory of a run with store under 250 MiB", Invariant($"{Mebibytes(built.PeakBytes):0} MiB"), built.PeakBytes < LargestPeak);

        var known = KnownValues(store);
        string[] rare = [.. known.Where(value => store.Find(value).Count() <= MostMatches)];
        Single(store, known);
        store.Dispose();
        var find = await PipeAsync(configuration, rare, Invariant($"; each known one meets up to {MostMatches}"));
        targets.Add(
            Invariant($"{Values:N0} values from a pipe within {PipeSeconds} s"), Invariant($"{find.Wall.TotalSeconds:0.0} s"), find.Wall.TotalSeconds < PipeSeconds);
        await PipeAsync(configuration, known, "; some meet thousands");
        await LogAsync(configuration, known);
        BenchmarkFolder.Clear(configuration);
    }

    private async Task<long> PeakOfAFifthAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.StoreThreats / 5, latency: 0);
        var configuration = WithStore(simulator);
        var built = await phishme.SyncAsync(configuration);
        BenchmarkFolder.Clear(configuration);
        return built.PeakBytes;
    }

    private string WithStore(SimulatorProcess simulator)
    {
        var configuration = folder.Configure(simulator, options.Concurrency, "json");
        File.AppendAllText(configuration, "\n[local_sqlite]\nuse = True\n");
        return configuration;
    }

    private void AddGrowth(string name, long small, long large)
    {
        var growth = (double)large / small;
        targets.Add(name, Invariant($"{(growth - 1) * 100:+0;-0} %"), growth <= LargestGrowth);
    }

    private static double Mebibytes(long bytes) => bytes / 1024.0 / 1024.0;

    private static IIntelligenceStore Open(string configuration) =>
        new EngineFactory().Create(new EngineOptions { Version = "1.0.0" }).OpenConfiguredStore(configuration);

    private static string[] KnownValues(IIntelligenceStore store) =>
    [
        .. store.ReadThreats(new StoreQuery()).SelectMany(threat => threat.Indicators)
            .Where((indicator, i) => i % 29 == 0 && indicator.NormalizedValue is not null && indicator.Kind != IndicatorKind.Subject)
            .Select(indicator => indicator.Value).Take(Sample),
    ];

    private void Single(IIntelligenceStore store, string[] known)
    {
        var random = new Random(1);
        var times = new List<double>(Lookups);
        var shared = new List<double>();
        var watch = new Stopwatch();

        // Half of them are not in the store; the first thousand warm up the code and are not counted.
        for (var i = 0; i < Lookups + 1000; i++)
        {
            var value = i % 2 == 0 ? known[random.Next(known.Length)] : Invariant($"https://host{random.Next()}.unknown.example/path?x={i}");
            watch.Restart();
            var matches = store.Find(value).Count();
            var time = watch.Elapsed.TotalMilliseconds;

            // The simulator has few addresses, each in hundreds of threats: there the time is that of handing over the matches.
            if (matches > MostMatches)
            {
                shared.Add(time / matches);
            }
            else if (i >= 1000)
            {
                times.Add(time);
            }
        }

        times.Sort();
        shared.Sort();
        var p99 = times[times.Count * 99 / 100];
        Console.WriteLine(Invariant($"  one value       p50 {times[times.Count / 2] * 1000:0} µs, p99 {p99 * 1000:0} µs, worst {times[^1]:0.0} ms; with up to {MostMatches} matches"));
        Console.WriteLine(Invariant($"  one match more  p50 {shared[shared.Count / 2] * 1000:0.0} µs, where a value meets more"));
        targets.Add("single look-up p99 under 1 ms", Invariant($"{p99:0.000} ms"), p99 < 1);
    }

    private async Task<Measured> PipeAsync(string configuration, string[] known, string about)
    {
        var values = folder.InFolder("values.txt");
        await File.WriteAllLinesAsync(
            values, Enumerable.Range(0, Values).Select(i => i % 20 == 0 ? known[i / 20 % known.Length] : Invariant($"host{i}.unknown{i % 997}.example")));
        var find = await MeasuredProcess.RunWithInputAsync(phishme.Path, values, "find", "-conf", configuration, "--json");
        var matches = find.Output.AsSpan().Count('\n');
        Console.WriteLine(Invariant(
            $"  pipe            {Values:N0} values in {find.Wall.TotalSeconds:0.0} s ({Values / find.Wall.TotalSeconds:N0}/s), cpu {find.Cpu.TotalSeconds:0.0} s, {matches:N0} matches{about}, peak {Mebibytes(find.PeakBytes):0} MiB"));
        return find;
    }

    private async Task LogAsync(string configuration, string[] known)
    {
        (var length, var small) = await ScanAsync(configuration, SmallLog, known);
        if (options.LogMegabytes <= SmallLog)
        {
            return;
        }

        (var longer, var large) = await ScanAsync(configuration, options.LogMegabytes, known);
        AddGrowth(Invariant($"peak memory of a log of {options.LogMegabytes} MB at most 20 % over that of {SmallLog} MB"), small.PeakBytes, large.PeakBytes);

        // What starts once - the process, the keys in memory, the compiler - is in both.
        var rate = (longer - length) / 1e6 / (large.Wall - small.Wall).TotalSeconds;
        targets.Add(Invariant($"a log at {LogRate} MB/s or more, once begun"), Invariant($"{rate:0} MB/s"), rate >= LogRate);
    }

    private async Task<(long Length, Measured Find)> ScanAsync(string configuration, int megabytes, string[] known)
    {
        var log = folder.InFolder("proxy.log");
        var length = WriteLog(log, megabytes * 1_000_000L, known);
        var find = await MeasuredProcess.RunAsync(phishme.Path, "find", "-conf", configuration, "--path", log, "--json");
        var matches = find.Output.AsSpan().Count('\n');
        Console.WriteLine(Invariant(
            $"  log             {length / 1e6:N0} MB in {find.Wall.TotalSeconds:0.0} s ({length / 1e6 / find.Wall.TotalSeconds:0} MB/s), cpu {find.Cpu.TotalSeconds:0.0} s, {matches:N0} matches, peak {Mebibytes(find.PeakBytes):0} MiB"));
        File.Delete(log);
        return (length, find);
    }

    /// <summary>Lines as squid writes them: few clients, many hosts that repeat, URLs that hardly do; one line in ten thousand meets the store.</summary>
    public static long WriteLog(string path, long length, string[] known)
    {
        var random = new Random(2);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var line = new StringBuilder();
        var bytes = new byte[64 * 1024];
        for (long i = 0; stream.Position < length; i++)
        {
            // Squared: few hosts make most of the lines.
            var popular = (int)(Math.Pow(random.NextDouble(), 2) * Hosts);
            var host = Invariant($"www{popular % 7}.site{popular}.example");
            var url = i % 10_000 == 9_999 ? known[random.Next(known.Length)] : Invariant($"https://{host}/assets/{random.Next():x}/page.html?session={random.NextInt64():x}");
            line.Clear().Append(CultureInfo.InvariantCulture, $"{1_750_000_000 + (i / 50)}.{i % 1000:000} {random.Next(900),6} 10.1.{random.Next(16)}.{random.Next(250)} TCP_MISS/200 {random.Next(90_000)} GET {url} user{random.Next(500)} HIER_DIRECT/198.18.{random.Next(256)}.{random.Next(256)} text/html\n");
            var written = Encoding.UTF8.GetBytes(line.ToString(), bytes);
            stream.Write(bytes, 0, written);
        }

        return stream.Position;
    }
}
