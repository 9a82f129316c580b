using System.Globalization;
using System.Text.Json;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>
/// The whole table: our run in each of its forms beside what people would use instead - the serial script that they migrate from, and a loop in PowerShell -
/// and beside the floor; with the settings that people have and with raised limits; idle runs; all outputs; memory; the store.
/// </summary>
internal sealed class CompareBenchmark(
    BenchmarkFolder folder, IReadOnlyList<PhishMeProgram> programs, PowerShellProgram? shell, BenchmarkOptions options, TargetList targets)
{
    private const int Middle = 30;
    private const double LargestRatio = 3.0;
    private static readonly int[] Latencies = [0, Middle, 100];
    private static readonly string[] All = ["json", "cef", "stix"];

    private readonly IReadOnlyList<(string Name, Func<string, Task<Measured>> Sync)> _contenders = Contenders.Of(programs, shell);

    public async Task RunAsync()
    {
        var latencies = options.IsLatencyGiven ? options.Latencies : Latencies;
        Console.WriteLine();
        Console.WriteLine(Invariant($"First run, {options.FewThreats:N0} threats, default settings; all formats are JSON + CEF + STIX from the API; median of {options.Repeat}"));
        Console.WriteLine("latency  program   all: x serial  JSON: x script  JSON: x floor   all s   JSON s  requests at a time");
        foreach (var latency in latencies)
        {
            await DefaultsAsync(latency);
        }

        Console.WriteLine();
        Console.WriteLine(Invariant(
            $"First run, {options.Threats:N0} threats, JSON, limits raised to {options.Concurrency} requests, and at {Middle} ms with default settings, too; median of {options.Repeat}"));
        Console.WriteLine("latency  program            x floor  x serial  x script   wall s    cpu s  peak MiB");
        foreach (var latency in latencies)
        {
            await RaisedAsync(latency);
        }

        await IdleAsync();
        await new OutputsBenchmark(folder, programs, shell, options, targets).RunAsync();
        await new MemoryBenchmark(folder, programs[0], options, targets).RunAsync();
        if (!options.Wants("store"))
        {
            await new StoreBenchmark(folder, programs[0], options.WithSmallStore(), targets).RunAsync();
        }
    }

    private async Task DefaultsAsync(int latency)
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.FewThreats, latency);
        await Floor.MeasureAsync(simulator, options.FewThreats, options.Concurrency, folder.FloorFile); // Not measured: the simulator's code gets compiled.

        // In turn: what slows the machine slows all.
        var floors = new List<Measured>();
        var serials = new List<Measured>();
        var serialsOfJson = new List<Measured>();
        var scripts = new List<Measured>();
        var all = _contenders.ToDictionary(runner => runner.Name, _ => new List<Measured>());
        var json = _contenders.ToDictionary(runner => runner.Name, _ => new List<Measured>());
        for (var i = 0; i < options.Repeat; i++)
        {
            floors.Add(await Floor.MeasureAsync(simulator, options.FewThreats, options.Concurrency, folder.FloorFile));
            serials.Add(await Serial.MeasureAsync(simulator, folder.NewFolder(), All));
            serialsOfJson.Add(await Serial.MeasureAsync(simulator, folder.NewFolder(), "json"));
            if (shell is not null)
            {
                scripts.Add(await shell.ScriptAsync(simulator, folder.NewFolder()));
            }

            foreach ((var name, var sync) in _contenders)
            {
                all[name].Add(await sync(folder.ConfigureDefault(simulator, All)));
                json[name].Add(await sync(folder.ConfigureDefault(simulator, "json")));
            }
        }

        var floor = Measured.MedianByWall(floors);
        var serial = Measured.MedianByWall(serials);
        var script = shell is null ? null : Measured.MedianByWall(scripts);
        Tell("floor", null, floor, "");
        Tell("serial", serial, Measured.MedianByWall(serialsOfJson), "1");
        if (script is not null)
        {
            Tell("script", null, script, "1");
        }

        foreach ((var name, _) in _contenders)
        {
            var ours = Measured.MedianByWall(all[name]);
            var oursJson = Measured.MedianByWall(json[name]);
            Tell(name, ours, oursJson, PaceOf(ours));
            var timesSerial = serial.Wall / ours.Wall;
            targets.Add(Invariant($"never slower than serial at {latency} ms, {name}"), Invariant($"{timesSerial:0.0} times as fast"), timesSerial >= 1);
            if (latency == Middle)
            {
                targets.Add(Invariant($"10 times as fast as serial at {latency} ms, {name}"), Invariant($"{timesSerial:0.0}"), timesSerial >= 10);
            }
        }

        void Tell(string name, Measured? ofAll, Measured ofJson, string pace) => Console.WriteLine(
            Invariant($"{latency,4} ms  {name,-8}  {serial.Wall / ofAll?.Wall,13:0.0}  {script?.Wall / ofJson.Wall,14:0.0}  {ofJson.Wall / floor.Wall,13:0.0}  ")
            + Invariant($"{ofAll?.Wall.TotalSeconds,6:0.00}  {ofJson.Wall.TotalSeconds,7:0.00}  {pace}"));
    }

    private async Task RaisedAsync(int latency)
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.Threats, latency);
        await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile);
        var runs = new Dictionary<string, List<Measured>>(StringComparer.Ordinal);
        var empty = new List<Measured>();
        for (var i = 0; i < options.Repeat; i++)
        {
            Add("floor", await Floor.MeasureAsync(simulator, options.Threats, options.Concurrency, folder.FloorFile));
            Add("serial", await Serial.MeasureAsync(simulator, folder.NewFolder(), "json"));
            if (shell is not null)
            {
                Add("script", await shell.ScriptAsync(simulator, folder.NewFolder()));
                empty.Add(await shell.EmptyAsync());
            }

            foreach ((var name, var sync) in _contenders)
            {
                Add(name, await sync(folder.Configure(simulator, options.Concurrency, "json")));
                if (latency == Middle)
                {
                    Add(WithDefaults(name), await sync(folder.ConfigureDefault(simulator, "json")));
                }
            }
        }

        var medians = runs.ToDictionary(run => run.Key, run => Measured.MedianByWall(run.Value));
        var script = medians.GetValueOrDefault("script");
        foreach ((var name, var run) in medians)
        {
            var ratio = run.Wall / medians["floor"].Wall;
            Console.WriteLine(
                Invariant($"{latency,4} ms  {name,-17}  {ratio,7:0.00}  {medians["serial"].Wall / run.Wall,8:0.0}  {script?.Wall / run.Wall,8:0.0}  ")
                + Invariant($"{run.Wall.TotalSeconds,7:0.00}  {run.Cpu.TotalSeconds,7:0.00}  {run.PeakMebibytes,8:0}"));
        }

        if (latency == 0)
        {
            var first = programs[0].Name;
            var ratio = medians[first].Wall / medians["floor"].Wall;
            targets.Add(Invariant($"{options.Threats:N0} threats within {LargestRatio} times the floor, {first}"), Invariant($"{ratio:0.00}"), ratio <= LargestRatio);
            if (shell is not null)
            {
                ModuleBenchmark.Judge(targets, options.Threats, medians["module"].Wall / medians["floor"].Wall, medians["module"], Measured.MedianByWall(empty));
            }
        }

        if (latency == Middle && script is not null)
        {
            foreach ((var name, _) in _contenders)
            {
                var times = script.Wall / medians[WithDefaults(name)].Wall;
                targets.Add(Invariant($"JSON 15 times as fast as the script at {latency} ms with default settings, {name}"), Invariant($"{times:0.0}"), times >= 15);
            }
        }

        static string WithDefaults(string name) => name + ", defaults";

        void Add(string name, Measured run)
        {
            if (!runs.TryGetValue(name, out var list))
            {
                runs.Add(name, list = []);
            }

            list.Add(run);
        }
    }

    /// <summary>A run that finds nothing new, over an empty process of its kind.</summary>
    private async Task IdleAsync()
    {
        Console.WriteLine();
        Console.WriteLine("Idle run, over an empty process of its kind");
        Console.WriteLine("program   over s    idle s   empty s");
        await using var simulator = await SimulatorProcess.StartAsync(options.FewThreats, latency: 0);
        foreach ((var name, var sync) in _contenders)
        {
            var configuration = folder.ConfigureDefault(simulator, "json");
            await sync(configuration);
            var empty = new List<Measured>();
            var idle = new List<Measured>();
            for (var i = 0; i < Math.Max(5, options.Repeat); i++)
            {
                empty.Add(name == "module" ? await shell!.EmptyAsync() : await programs.Single(program => program.Name == name).EmptyAsync());
                idle.Add(await sync(configuration));
            }

            var more = Measured.MedianByWall(idle).Wall - Measured.MedianByWall(empty).Wall;
            Console.WriteLine(Invariant(
                $"{name,-8}  {more.TotalSeconds,6:0.00}  {Measured.MedianByWall(idle).Wall.TotalSeconds,8:0.00}  {Measured.MedianByWall(empty).Wall.TotalSeconds,8:0.00}"));
            if (name == "module")
            {
                targets.Add("idle run of the module at most 0.5 s over an empty pwsh", Invariant($"{more.TotalSeconds:0.00} s"), more.TotalSeconds <= 0.5);
            }
        }
    }

    /// <summary>What <c>pace</c> in the summary says; the module writes none.</summary>
    private static string PaceOf(Measured run)
    {
        if (!run.Output.Contains("\"pace\"", StringComparison.Ordinal))
        {
            return "-";
        }

        using var summary = JsonDocument.Parse(run.Output);
        return summary.RootElement.GetProperty("pace").GetProperty("inFlight").GetInt32().ToString(CultureInfo.InvariantCulture);
    }
}
