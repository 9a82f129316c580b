using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>What a run costs that finds nothing new, and one that finds a full changelog page.</summary>
internal sealed class ChangesBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, TargetList targets)
{
    private const int Threats = 2_000;
    private const int Changes = 1_000;
    private const int Concurrency = 256;

    public async Task RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"Updates of an installation with {Threats:N0} threats, per threat and append, at 0 ms; {phishme.Name} phishme"));
        Console.WriteLine("run                                   wall s  cpu s  peak MiB  requests");
        await using var simulator = await SimulatorProcess.StartAsync(Threats, latency: 0);

        var json = folder.Configure(simulator, Concurrency, "json");
        await phishme.SyncAsync(json);
        var idle = await MeasureAsync("nothing new", simulator, json);
        targets.Add("requests of an idle run: 1", Text(idle), idle.Values.Sum() == 1);

        await simulator.RepublishAsync((await simulator.ThreatsAsync()).Take(Changes));
        var changes = await MeasureAsync("1,000 changes, JSON", simulator, json);
        targets.Add(
            "requests for 1,000 JSON changes: 1 + 10 + 1",
            Text(changes),
            changes.Values.Sum() == 12 && changes.GetValueOrDefault("search") == 10 && changes.GetValueOrDefault("updates") == 2);

        var all = folder.Configure(simulator, Concurrency, "json", "cef", "stix");
        await phishme.SyncAsync(all);
        await simulator.RepublishAsync((await simulator.ThreatsAsync()).Take(Changes));
        await MeasureAsync("1,000 changes, JSON + CEF + STIX", simulator, all);
    }

    private static string Text(IReadOnlyDictionary<string, int> requests) =>
        string.Join(" + ", requests.OrderBy(route => route.Key, StringComparer.Ordinal).Select(route => Invariant($"{route.Value} {route.Key}")));

    private async Task<IReadOnlyDictionary<string, int>> MeasureAsync(string name, SimulatorProcess simulator, string configuration)
    {
        await simulator.ForgetRequestsAsync();
        var run = await phishme.SyncAsync(configuration);
        var requests = await simulator.RequestsAsync();
        Console.WriteLine(Invariant(
            $"{name,-36}  {run.Wall.TotalSeconds,6:0.00}  {run.Cpu.TotalSeconds,5:0.00}  {run.PeakBytes / 1024.0 / 1024.0,8:0}  {Text(requests)}"));
        return requests;
    }
}
