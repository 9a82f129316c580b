using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>
/// A first run with the settings that people have, against what they would use instead: the serial script that they migrate from, and a loop in PowerShell.
/// </summary>
internal sealed class CompareBenchmark(
    BenchmarkFolder folder, IReadOnlyList<PhishMeProgram> programs, PowerShellProgram? shell, BenchmarkOptions options, TargetList targets)
{
    private const int Threats = 1_000;
    private const int Middle = 30;
    private static readonly int[] Latencies = [0, Middle, 100];
    private static readonly string[] All = ["json", "cef", "stix"];

    public async Task RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"First run, {Threats:N0} threats, default settings; how many times as fast as serial (JSON + CEF + STIX from the API) and script (JSON)"));
        Console.WriteLine("latency  program   x serial  x script   all formats s  serial s   JSON s  script s   requests at a time");
        foreach (var latency in options.IsLatencyGiven ? options.Latencies : Latencies)
        {
            await CompareAsync(latency);
        }

        await IdleAsync();
    }

    private async Task CompareAsync(int latency)
    {
        await using var simulator = await SimulatorProcess.StartAsync(Threats, latency);
        await FloorAsync(simulator); // Not measured: the simulator's code gets compiled.
        var runners = programs.Select(program => (program.Name, Sync: (Func<string, Task<Measured>>)program.SyncAsync)).ToList();
        if (shell is not null)
        {
            runners.Add(("module", shell.SyncAsync));
        }

        // In pairs: what slows the machine slows both.
        var serials = new List<Measured>();
        var scripts = new List<Measured>();
        var all = runners.ToDictionary(runner => runner.Name, _ => new List<Measured>());
        var json = runners.ToDictionary(runner => runner.Name, _ => new List<Measured>());
        for (var i = 0; i < options.Repeat; i++)
        {
            serials.Add(await MeasuredProcess.RunAsync(
                MeasuredProcess.Beside("PhishMe.Benchmarks"), Serial.Arguments(simulator, folder.NewFolder(), All)));
            if (shell is not null)
            {
                scripts.Add(await shell.ScriptAsync(simulator, folder.NewFolder()));
            }

            foreach ((var name, var sync) in runners)
            {
                all[name].Add(await sync(folder.ConfigureDefault(simulator, All)));
                json[name].Add(await sync(folder.ConfigureDefault(simulator, "json")));
            }
        }

        var serial = Measured.MedianByWall(serials);
        var script = shell is null ? null : Measured.MedianByWall(scripts);
        foreach ((var name, _) in runners)
        {
            var ours = Measured.MedianByWall(all[name]);
            var oursJson = Measured.MedianByWall(json[name]);
            var timesSerial = serial.Wall / ours.Wall;
            var timesScript = script?.Wall / oursJson.Wall;
            Console.WriteLine(
                Invariant($"{latency,4} ms  {name,-8}  {timesSerial,8:0.0}  {timesScript,8:0.0}   {ours.Wall.TotalSeconds,13:0.00}  {serial.Wall.TotalSeconds,8:0.00}  ")
                + Invariant($"{oursJson.Wall.TotalSeconds,7:0.00}  {script?.Wall.TotalSeconds,8:0.00}   {PaceOf(ours)}"));
            targets.Add(Invariant($"never slower than serial at {latency} ms, {name}"), Invariant($"{timesSerial:0.0} times as fast"), timesSerial >= 1);
            if (latency == Middle)
            {
                targets.Add(Invariant($"10 times as fast as serial at {latency} ms, {name}"), Invariant($"{timesSerial:0.0}"), timesSerial >= 10);
                if (timesScript is double times)
                {
                    targets.Add(Invariant($"15 times as fast as the script at {latency} ms, {name}"), Invariant($"{times:0.0}"), times >= 15);
                }
            }
        }
    }

    /// <summary>A run that finds nothing new, over an empty process of its kind.</summary>
    private async Task IdleAsync()
    {
        if (shell is null)
        {
            return;
        }

        await using var simulator = await SimulatorProcess.StartAsync(Threats, latency: 0);
        var configuration = folder.ConfigureDefault(simulator, "json");
        await shell.SyncAsync(configuration);
        var empty = new List<Measured>();
        var idle = new List<Measured>();
        for (var i = 0; i < Math.Max(5, options.Repeat); i++)
        {
            empty.Add(await shell.EmptyAsync());
            idle.Add(await shell.SyncAsync(configuration));
        }

        var more = Measured.MedianByWall(idle).Wall - Measured.MedianByWall(empty).Wall;
        Console.WriteLine(Invariant(
            $"Idle run of the module: {Measured.MedianByWall(idle).Wall.TotalSeconds:0.00} s, empty pwsh {Measured.MedianByWall(empty).Wall.TotalSeconds:0.00} s"));
        targets.Add("idle run of the module at most 0.5 s over an empty pwsh", Invariant($"{more.TotalSeconds:0.00} s"), more.TotalSeconds <= 0.5);
    }

    /// <summary>What <c>pace</c> in the summary says; the module writes none.</summary>
    private static string PaceOf(Measured run)
    {
        if (!run.Output.Contains("\"pace\"", StringComparison.Ordinal))
        {
            return "-";
        }

        using var summary = System.Text.Json.JsonDocument.Parse(run.Output);
        return summary.RootElement.GetProperty("pace").GetProperty("inFlight").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task FloorAsync(SimulatorProcess simulator)
    {
        await MeasuredProcess.RunAsync(
            MeasuredProcess.Beside("PhishMe.Benchmarks"), Floor.Arguments(simulator, Threats, options.Concurrency, folder.FloorFile));
        File.Delete(folder.FloorFile);
    }
}
