using System.Globalization;
using System.Text.Json;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>The pace that a run finds by itself against servers with limits, over real sockets, and the best that fixed ceilings give.</summary>
internal sealed class PaceBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, TargetList targets)
{
    private const int Threats = 1_000;

    /// <summary>Processes that share the limit of one server.</summary>
    private const int Together = 4;

    /// <summary>The slowest of them takes at most this many times as long as the fastest: none gets less than half of what another gets.</summary>
    private const double LargestSpread = 2;

    private static readonly (string Name, string[] Limits)[] Servers =
    [
        ("30 ms, no limit", ["--latency", "30"]),
        ("queue of 4 workers, 30 ms", ["--workers", "4", "--work", "30"]),
        ("queue of 12 workers, 60 ms", ["--workers", "12", "--work", "60"]),
        ("100 a second, 429", ["--rate", "100", "--burst", "50", "--latency", "30"]),
        ("100 a second, 429 with Retry-After", ["--rate", "100", "--burst", "100", "--retry-after", "--latency", "30"]),
        ("hangs up beyond 8, 30 ms", ["--hang-up", "8", "--latency", "30"]),
    ];

    private static readonly (int InFlight, int? PerSecond)[] Settings = [(2, null), (4, null), (8, null), (16, null), (16, 98)];

    public async Task RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"First run, {Threats:N0} threats, JSON + CEF + STIX from the API, against servers with limits; {phishme.Name}"));
        Console.WriteLine("server                                of best   found s   best fixed s   refused   in flight  per second");
        foreach ((var name, var limits) in Servers)
        {
            await using var simulator = await SimulatorProcess.StartAsync(Threats, latency: 0, limits);
            var best = TimeSpan.MaxValue;
            foreach (var setting in Settings)
            {
                if (await TryAsync(simulator, setting) is TimeSpan wall && wall < best)
                {
                    best = wall;
                }
            }

            var found = await phishme.SyncAsync(folder.ConfigureDefault(simulator, "json", "cef", "stix"));
            using var summary = JsonDocument.Parse(found.Output);
            var pace = summary.RootElement.GetProperty("pace");
            var refused = (double)pace.GetProperty("refused").GetInt32() / summary.RootElement.GetProperty("requests").GetInt32();
            var ofBest = best / found.Wall;
            Console.WriteLine(
                Invariant($"{name,-36}  {ofBest,7:0.00}  {found.Wall.TotalSeconds,8:0.00}  {best.TotalSeconds,13:0.00}  {refused,8:0.0 %}  ")
                + Invariant($"{pace.GetProperty("inFlight").GetInt32(),9}  {(pace.TryGetProperty("perSecond", out var rate) ? rate.GetDouble() : null),10:0.0}"));
            targets.Add(Invariant($"90 % of the best fixed setting: {name}"), Invariant($"{ofBest:0.00}"), ofBest >= 0.9);
            targets.Add(Invariant($"at most 2 % refused: {name}"), Invariant($"{refused:0.0 %}"), refused <= 0.02);
        }

        await ShareAsync();
    }

    /// <summary>Real processes, each with an installation of its own, that begin at the same time and download the same from one server with a limit.</summary>
    private async Task ShareAsync()
    {
        const int Rate = 100;
        await using var simulator = await SimulatorProcess.StartAsync(
            Threats, latency: 0, "--rate", Rate.ToString(CultureInfo.InvariantCulture), "--burst", "50", "--latency", "30");
        string[] configurations = [.. Enumerable.Range(0, Together).Select(_ => folder.ConfigureDefault(simulator, "json", "cef", "stix"))];
        var runs = await Task.WhenAll(configurations.Select(phishme.SyncAsync));
        var requests = 0;
        var refused = 0;
        foreach (var run in runs)
        {
            using var summary = JsonDocument.Parse(run.Output);
            requests += summary.RootElement.GetProperty("requests").GetInt32();
            refused += summary.RootElement.GetProperty("pace").GetProperty("refused").GetInt32();
        }

        var spread = runs.Max(run => run.Wall) / runs.Min(run => run.Wall);
        var used = (requests - refused) / runs.Max(run => run.Wall).TotalSeconds / Rate;
        var share = (double)refused / requests;
        Console.WriteLine(Invariant($"{Together} processes, {Rate} a second: {string.Join(", ", runs.Select(run => Invariant($"{run.Wall.TotalSeconds:0.0} s")))}; ")
            + Invariant($"{used:0 %} of the limit used, {share:0.0 %} refused"));
        targets.Add(Invariant($"{Together} processes share {Rate} a second: the slowest takes at most {LargestSpread} times as long as the fastest"),
            Invariant($"{spread:0.00}"), spread <= LargestSpread);
        targets.Add(Invariant($"{Together} processes use 90 % of {Rate} a second together"), Invariant($"{used:0 %}"), used >= 0.9);
        targets.Add(Invariant($"{Together} processes: at most 2 % refused"), Invariant($"{share:0.0 %}"), share <= 0.02);
    }

    /// <returns>Null when the run failed, or when more was refused than a person would put up with.</returns>
    private async Task<TimeSpan?> TryAsync(SimulatorProcess simulator, (int InFlight, int? PerSecond) setting)
    {
        try
        {
            var run = await MeasuredProcess.RunAsync(
                MeasuredProcess.Beside("PhishMe.Benchmarks"),
                Fixed.Arguments(simulator, Threats, setting.InFlight, setting.PerSecond));
            return run.Wall;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
