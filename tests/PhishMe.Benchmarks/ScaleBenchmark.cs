using System.Diagnostics;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Simulator;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A shared state of many threats in a PostgreSQL server of its own, on this machine: size, build rate, and look-ups of every sort.</summary>
internal sealed class ScaleBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const int Values = 100_000;
    private const int SampledThreats = 1_000;
    private const int Lookups = 20_000;
    private const int WarmUp = 1000;
    private const int Clients = 8;
    private const int LookupsOfClient = 5_000;
    private const int MostMatches = 50;
    private const double SingleMilliseconds = 3;
    private const double PipeSeconds = 10;

    private const string Sizes =
        """
        SELECT 'table ' || relname, pg_table_size(oid) FROM pg_class WHERE relnamespace = 'phishme'::regnamespace AND relkind = 'r' AND pg_table_size(oid) > 10000000
        UNION ALL SELECT 'index ' || relname, pg_relation_size(oid) FROM pg_class WHERE relnamespace = 'phishme'::regnamespace AND relkind = 'i' AND pg_relation_size(oid) > 10000000
        UNION ALL SELECT 'all', sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relnamespace = 'phishme'::regnamespace AND relkind = 'r' ORDER BY 2 DESC
        """;

    public async Task RunAsync()
    {
        // Not in the folder of the benchmarks: the account of the server has to reach it.
        var cluster = options.Keep ?? Directory.CreateTempSubdirectory("phishme-scale-").FullName;
        try
        {
            await MeasureAsync(cluster);
        }
        finally
        {
            if (options.Keep is null)
            {
                Directory.Delete(cluster, recursive: true);
            }
        }
    }

    private async Task MeasureAsync(string cluster)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = options.ScaleThreats, From = BenchmarkFolder.FirstDay });
        var isKept = Directory.Exists(Path.Combine(cluster, "data"));
        await using var server = await ScaleServer.StartAsync(cluster);
        var address = new SharedStateAddress { Connection = server.Connection, Name = "PostgreSQL", Host = "benchmark" };
        var store = new ScaleStore(simulator, address);
        Console.WriteLine(Invariant($"Shared state of {options.ScaleThreats:N0} threats in PostgreSQL {await server.VersionAsync()} ({ScaleServer.Settings})"));
        if (!isKept)
        {
            await store.BuildAsync();
        }

        foreach ((var name, var bytes) in await server.AskAsync(Sizes))
        {
            Console.WriteLine(Invariant($"  {name,-26} {bytes / 1024.0 / 1024.0,8:N0} MiB"));
        }

        var rare = await store.SampleAsync(server, SampledThreats, MostMatches);
        Console.WriteLine(Invariant($"  {rare.Length:N0} known values from {SampledThreats:N0} threats are looked up, each under keys of up to {MostMatches} indicators"));
        using (var session = Open(address))
        {
            Single(session, rare);
        }

        await ManyAsync(address, rare);
        await PipeAsync(server, rare);
        await LogAsync(server, rare);
        using (var session = Open(address))
        {
            var watch = Stopwatch.StartNew();
            var counted = session.GetStatistics();
            Console.WriteLine(Invariant($"  statistics      {watch.Elapsed.TotalSeconds:0.0} s for {counted.Threats:N0} threats, {counted.Indicators:N0} indicators"));
        }
    }

    private static IntelligenceStore Open(SharedStateAddress address) => IntelligenceStore.Open(new SharedStoreLocation(address, TimeProvider.System), TimeProvider.System);

    private void Single(IntelligenceStore store, string[] rare)
    {
        var times = Time(store, rare, Lookups + WarmUp, seed: 1)[WarmUp..];
        Array.Sort(times);
        var p99 = times[times.Length * 99 / 100];
        Console.WriteLine(Invariant($"  one value       p50 {times[times.Length / 2]:0.00} ms, p99 {p99:0.00} ms, worst {times[^1]:0.0} ms; every second one is known"));
        targets.Add(Invariant($"single look-up p99 under {SingleMilliseconds} ms"), Invariant($"{p99:0.00} ms"), p99 < SingleMilliseconds);
    }

    /// <summary>Threads with a connection each: a thread waits for its own answer only.</summary>
    private static async Task ManyAsync(SharedStateAddress address, string[] rare)
    {
        var watch = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Factory.StartNew(
            () =>
            {
                using var store = Open(address);
                return Time(store, rare, LookupsOfClient, seed: 100 + client);
            },
            TaskCreationOptions.LongRunning));
        double[] times = [.. (await Task.WhenAll(clients)).SelectMany(one => one).Order()];
        Console.WriteLine(Invariant(
            $"  {Clients} clients       p50 {times[times.Length / 2]:0.00} ms, p99 {times[times.Length * 99 / 100]:0.00} ms, worst {times[^1]:0.0} ms; {times.Length / watch.Elapsed.TotalSeconds:N0} look-ups/s in all"));
    }

    /// <summary>Milliseconds of look-ups; every second value is not in the store.</summary>
    private static double[] Time(IntelligenceStore store, string[] rare, int count, int seed)
    {
        var random = new Random(seed);
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var value = i % 2 == 0 ? rare[random.Next(rare.Length)] : Invariant($"https://host{random.Next()}.unknown.example/path?x={i}");
            var start = Stopwatch.GetTimestamp();
            _ = store.Find(value).Count();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times;
    }

    private async Task PipeAsync(ScaleServer server, string[] rare)
    {
        var values = folder.InFolder("values.txt");
        await File.WriteAllLinesAsync(values, Enumerable.Range(0, Values).Select(i => i % 20 == 0 ? rare[i / 20 % rare.Length] : Invariant($"host{i}.unknown{i % 997}.example")));
        var find = await MeasuredProcess.RunWithInputAsync(phishme.Path, values, "find", "--connection", server.Connection, "--json");
        Console.WriteLine(Invariant(
            $"  pipe            {Values:N0} values in {find.Wall.TotalSeconds:0.0} s ({Values / find.Wall.TotalSeconds:N0}/s), cpu of phishme {find.Cpu.TotalSeconds:0.0} s, {find.Output.AsSpan().Count('\n'):N0} matches, peak {find.PeakMebibytes:0} MiB ({phishme.Name})"));
        targets.Add(Invariant($"{Values:N0} values from a pipe within {PipeSeconds} s"), Invariant($"{find.Wall.TotalSeconds:0.0} s"), find.Wall.TotalSeconds < PipeSeconds);
    }

    private async Task LogAsync(ScaleServer server, string[] rare)
    {
        var log = folder.InFolder("proxy.log");
        var length = StoreBenchmark.WriteLog(log, options.LogMegabytes * 1_000_000L, rare);
        var find = await MeasuredProcess.RunAsync(phishme.Path, "find", "--connection", server.Connection, "--path", log, "--json");
        Console.WriteLine(Invariant(
            $"  log             {length / 1e6:N0} MB in {find.Wall.TotalSeconds:0.0} s ({length / 1e6 / find.Wall.TotalSeconds:0} MB/s), cpu of phishme {find.Cpu.TotalSeconds:0.0} s, {find.Output.AsSpan().Count('\n'):N0} matches, peak {find.PeakMebibytes:0} MiB"));
        File.Delete(log);
    }
}
