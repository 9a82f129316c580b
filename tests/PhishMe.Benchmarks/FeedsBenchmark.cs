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
        var fifth = await MeasureAsync(options.StoreThreats / 5, withSingles: false);
        var whole = await MeasureAsync(options.StoreThreats, withSingles: true);
        targets.Add(
            Invariant($"all feeds of {options.StoreThreats:N0} threats within {AllSeconds} s"), Invariant($"{whole.All.TotalSeconds:0.0} s"),
            whole.All.TotalSeconds <= AllSeconds);
        targets.Add(
            Invariant($"a run that changes nothing within {IdleSeconds} s"), Invariant($"{whole.Idle.TotalSeconds:0.00} s"), whole.Idle.TotalSeconds <= IdleSeconds);
        TimeSpan[] singles = [.. whole.Singles.Order()];
        Compare("the fastest", singles[0]);
        Compare("the median", singles[singles.Length / 2]);
        Compare("the slowest", singles[^1]);
        var growth = (double)whole.Peak / fifth.Peak;
        targets.Add(
            Invariant($"peak memory of all feeds at most 20 % over that of {options.StoreThreats / 5:N0} threats"), Invariant($"{(growth - 1) * 100:+0;-0} %"),
            growth <= LargestGrowth);

        void Compare(string name, TimeSpan single) => targets.Add(
            Invariant($"five products at most {LargestRatio} times {name} of them alone"), Invariant($"{whole.All / single:0.00}"), whole.All <= LargestRatio * single);
    }

    private async Task<(TimeSpan All, IReadOnlyList<TimeSpan> Singles, TimeSpan Idle, long Peak)> MeasureAsync(int threats, bool withSingles)
    {
        var today = DateTime.UtcNow;
        await using var simulator = await SimulatorProcess.StartAsync(
            threats, latency: 0, "--from", Day(today.AddDays(-25)), "--to", Day(today.AddDays(-1)));
        var configuration = folder.Configure(simulator, options.Concurrency);
        var root = Path.GetDirectoryName(configuration)!;
        var plain = await File.ReadAllTextAsync(configuration);
        Write(configuration, plain, root, _feeds);
        await phishme.SyncAsync(configuration);
        var idle = (await phishme.SyncAsync(configuration)).Wall;

        // In turn, so that what else the machine does meets all of them.
        List<Measured>[] runs = [.. Enumerable.Range(0, _feeds.Length + 1).Select(_ => new List<Measured>())];
        var bytes = 0L;
        for (var round = 0; round < options.Repeat; round++)
        {
            for (var run = 0; run < (withSingles ? runs.Length : 1); run++)
            {
                Clear(root);
                Write(configuration, plain, root, run == 0 ? _feeds : [_feeds[run - 1]]);
                runs[run].Add(await phishme.SyncAsync(configuration));
                bytes = run == 0 ? _feeds.Sum(feed => Bytes(Path.Combine(root, feed.Path))) : bytes;
            }
        }

        Write(configuration, plain, root, _feeds);
        await phishme.SyncAsync(configuration);
        var unchanged = (await phishme.SyncAsync(configuration)).Wall;
        var all = Measured.MedianByWall(runs[0]);
        Console.WriteLine(Invariant($"Feeds of {threats:N0} threats: {bytes / 1024.0 / 1024.0:0} MiB"));
        Show("all five", all, all);
        TimeSpan[] singles = [.. (withSingles ? _feeds : []).Select((feed, index) => Show(feed.Product, Measured.MedianByWall(runs[index + 1]), all))];
        Console.WriteLine(Invariant($"  {"nothing changed",-22} {Min(idle, unchanged).TotalSeconds,5:0.00} s"));
        BenchmarkFolder.Clear(configuration);
        return (all.Wall, singles, Min(idle, unchanged), all.PeakBytes);
    }

    /// <returns>The wall time.</returns>
    private static TimeSpan Show(string name, Measured run, Measured all)
    {
        Console.WriteLine(Invariant(
            $"  {name,-22} {run.Wall.TotalSeconds,5:0.0} s, cpu {run.Cpu.TotalSeconds,5:0.0} s, peak {run.PeakBytes / 1024 / 1024} MiB; all five: {all.Wall / run.Wall:0.00} times the wall time, {all.Cpu / run.Cpu:0.00} times the processor time"));
        return run.Wall;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>The position stays what the last run made it.</summary>
    private static void Write(
        string configuration, string plain, string root, IReadOnlyList<(string Product, string Key, string Path, string More)> feeds)
    {
        var position = File.ReadAllLines(configuration).FirstOrDefault(line => line.StartsWith("position", StringComparison.Ordinal));
        var lines = plain.Split('\n').Select(line => line.StartsWith("position", StringComparison.Ordinal) ? position : line);
        File.WriteAllText(
            configuration,
            string.Join('\n', lines) + string.Concat(feeds.Select(feed =>
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
