using System.Globalization;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>Feed files made of a large store: all products together, one alone, and a run in which nothing changed.</summary>
internal sealed class FeedsBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const double AllSeconds = 20;
    private const double IdleSeconds = 1;
    private const double LargestRatio = 1.5;
    private const double LargestGrowth = 1.2;

    private static readonly (string Product, string Key, string Path, string More)[] _feeds =
    [
        ("carbon_black", "cb_feed", "cb.json", ""),
        ("logrhythm", "output_dir", "logrhythm", "retention_days = 0\n"),
        ("centripetal_networks", "output_dir", "centripetal", "retention_days = 0\nminimum_impact = none\n"),
        ("paloalto_minemeld", "output_dir", "minemeld", "retention_days = 0\nminimum_impact = none\nmax_rows = 0\n"),
        ("qradar_siem", "json_output_dir", "qradar", "append = False\nretention_days = 0\n"),
    ];

    public async Task RunAsync()
    {
        var fifth = await MeasureAsync(options.StoreThreats / 5);
        var whole = await MeasureAsync(options.StoreThreats);
        targets.Add(Invariant($"all feeds of {options.StoreThreats:N0} threats within {AllSeconds} s"), Invariant($"{whole.All:0.0} s"), whole.All <= AllSeconds);
        targets.Add(Invariant($"a run that changes nothing within {IdleSeconds} s"), Invariant($"{whole.Idle:0.00} s"), whole.Idle <= IdleSeconds);
        targets.Add(
            Invariant($"five products at most {LargestRatio} times one"), Invariant($"{whole.All / whole.One:0.00}"), whole.All <= LargestRatio * whole.One);
        var growth = (double)whole.Peak / fifth.Peak;
        targets.Add(
            Invariant($"peak memory of all feeds at most 20 % over that of {options.StoreThreats / 5:N0} threats"), Invariant($"{(growth - 1) * 100:+0;-0} %"),
            growth <= LargestGrowth);
    }

    private async Task<(double All, double One, double Idle, long Peak)> MeasureAsync(int threats)
    {
        var today = DateTime.UtcNow;
        await using var simulator = await SimulatorProcess.StartAsync(
            threats, latency: 0, "--from", Day(today.AddDays(-25)), "--to", Day(today.AddDays(-1)));
        var configuration = folder.Configure(simulator, options.Concurrency);
        var root = Path.GetDirectoryName(configuration)!;
        var plain = await File.ReadAllTextAsync(configuration);
        Write(configuration, plain, root, _feeds.Length);
        await phishme.SyncAsync(configuration);
        var idle = await phishme.SyncAsync(configuration);

        Clear(root);
        var all = await phishme.SyncAsync(configuration);
        var bytes = _feeds.Sum(feed => Bytes(Path.Combine(root, feed.Path)));
        var unchanged = await phishme.SyncAsync(configuration);
        Clear(root);
        Write(configuration, plain, root, 1);
        var one = await phishme.SyncAsync(configuration);
        Console.WriteLine(Invariant($"Feeds of {threats:N0} threats: {bytes / 1024.0 / 1024.0:0} MiB"));
        Console.WriteLine(Invariant($"  all five        {all.Wall.TotalSeconds:0.0} s, cpu {all.Cpu.TotalSeconds:0.0} s, peak {all.PeakBytes / 1024 / 1024} MiB"));
        Console.WriteLine(Invariant($"  Carbon Black    {one.Wall.TotalSeconds:0.0} s, cpu {one.Cpu.TotalSeconds:0.0} s, peak {one.PeakBytes / 1024 / 1024} MiB"));
        Console.WriteLine(Invariant($"  nothing changed {Math.Min(idle.Wall.TotalSeconds, unchanged.Wall.TotalSeconds):0.00} s"));
        BenchmarkFolder.Clear(configuration);
        return (all.Wall.TotalSeconds, one.Wall.TotalSeconds, Math.Min(idle.Wall.TotalSeconds, unchanged.Wall.TotalSeconds), all.PeakBytes);
    }

    /// <summary>The position stays what the last run made it.</summary>
    private static void Write(string configuration, string plain, string root, int feeds)
    {
        var position = File.ReadAllLines(configuration).FirstOrDefault(line => line.StartsWith("position", StringComparison.Ordinal));
        var lines = plain.Split('\n').Select(line => line.StartsWith("position", StringComparison.Ordinal) ? position : line);
        File.WriteAllText(
            configuration,
            string.Join('\n', lines) + string.Concat(_feeds.Take(feeds).Select(feed =>
                $"\n[integration_{feed.Product}]\nuse = True\n{feed.Key} = {Path.Combine(root, feed.Path)}\n{feed.More}")));
    }

    private static void Clear(string root)
    {
        foreach (var (_, _, path, _) in _feeds)
        {
            var full = Path.Combine(root, path);
            if (Directory.Exists(full))
            {
                Directory.Delete(full, recursive: true);
            }
            else
            {
                File.Delete(full);
            }
        }
    }

    private static long Bytes(string path) => File.Exists(path)
        ? new FileInfo(path).Length
        : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private static string Day(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
