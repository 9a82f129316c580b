using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PhishMe.Intelligence;
using PhishMe.Torture.Faults;
using PhishMe.Torture.Fuzzing;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture;

/// <summary>The slow target in full: kills, faults, concurrent starts, fuzzing; a table at the end.</summary>
/// <remarks>
/// Arguments in any order: a seed; the parts to run (<c>kills</c>, <c>faults</c>, <c>starts</c>, <c>fuzz</c>; all by default); <c>--quick</c> for a tenth of
/// everything; <c>--scenario TEXT</c> for the kill scenarios whose name contains the text.
/// </remarks>
internal sealed class Suite(int seed, bool quick, string? scenario, IReadOnlyCollection<string> parts, TextWriter output)
{
    private const int Usage = 2;
    private const int Lanes = 4;
    private const int OutsideKills = 10;
    private const int Mixes = 300;
    private const int PushMixes = 100;
    private const int Starts = 100;
    private const int InputsPerTarget = 40_000;

    private readonly List<(string What, int Count, int Failed, TimeSpan Took)> _table = [];

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        string[] known = ["kills", "faults", "starts", "fuzz"];
        int? seed = null;
        var quick = false;
        string? scenario = null;
        var parts = new List<string>();
        for (var at = 0; at < args.Length; at++)
        {
            switch (args[at])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--scenario" when at + 1 < args.Length:
                    scenario = args[++at];
                    break;
                case string part when known.Contains(part):
                    parts.Add(part);
                    break;
                case string number when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given):
                    seed = given;
                    break;
                default:
                    await output.WriteLineAsync($"'{args[at]}' is none of: a seed, {string.Join(", ", known)}, --quick, --scenario TEXT.");
                    return Usage;
            }
        }

        return await new Suite(seed ?? Random.Shared.Next(), quick, scenario, parts.Count > 0 ? parts : known, output).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        var start = Stopwatch.GetTimestamp();
        await output.WriteLineAsync($"seed {seed}");
        if (parts.Contains("kills"))
        {
            foreach (var one in KillScenario.All.Where(one => one.Name.Contains(scenario ?? string.Empty, StringComparison.OrdinalIgnoreCase)))
            {
                await KillsAsync(one);
            }
        }

        if (parts.Contains("faults"))
        {
            await FaultsAsync();
        }

        if (parts.Contains("starts"))
        {
            await StartsAsync();
        }

        if (parts.Contains("fuzz"))
        {
            await FuzzAsync();
        }

        await TellAsync(Stopwatch.GetElapsedTime(start));
        return _table.Any(row => row.Failed > 0) ? 1 : 0;
    }

    /// <summary>The table as docs/reliability.md has it.</summary>
    private async Task TellAsync(TimeSpan took)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync("| Part | Size | Findings | Seconds |");
        await output.WriteLineAsync("|---|---:|---:|---:|");
        foreach (var row in _table)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {row.What} | {row.Count} | {row.Failed} | {row.Took.TotalSeconds:0} |"));
        }

        var sums = _table.GroupBy(row => row.What[..row.What.IndexOf(':', StringComparison.Ordinal)])
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Sum(row => row.Count)} {part.Key}"));
        await output.WriteLineAsync();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"Seed {seed}{(quick ? ", quick" : string.Empty)}, {DateTimeOffset.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors: {string.Join(", ", sums)}; {_table.Sum(row => row.Failed)} findings; {took.TotalMinutes:0.0} minutes."));
    }

    private int Share(int all) => quick ? all / 10 : all;

    private async Task KillsAsync(KillScenario kind)
    {
        var start = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        var today = DateTimeOffset.UtcNow;
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => KillLane.PrepareAsync(kind, seed, 14, today, CancellationToken.None)));
        await output.WriteLineAsync($"{kind.Name}: {KillCampaign.Describe(lanes[0].Steps)}; requests {lanes[0].Requests}");
        KillPoint[] every = [.. lanes[0].EveryStep()];
        var single = (quick ? KillCampaign.Selection(lanes[0], 20, random) : every)
            .Concat(KillCampaign.WhileWaiting(lanes[0], Math.Max(1, Share(OutsideKills)), random))
            .Concat(KillCampaign.WhileDelivering(lanes[0], 2 * Math.Max(1, Share(OutsideKills)), random))
            .Concat(Enumerable.Range(0, Share(OutsideKills)).Select(_ => new KillPoint(KillTrigger.Time, string.Empty, random.Next(100, 1500))));
        IEnumerable<IReadOnlyList<KillPoint>> repeated = Enumerable.Range(0, Share(OutsideKills)).Select(_ => random.GetItems(every, 3));
        var verdicts = await KillCampaign.RunAsync(
            lanes,
            single.Select(point => (IReadOnlyList<KillPoint>)[point]).Concat(repeated),
            verdict =>
            {
                if (!verdict.IsGood)
                {
                    output.WriteLine(verdict);
                }
            },
            CancellationToken.None);
        var secrets = 0;
        foreach (var lane in lanes)
        {
            secrets += SecretHunt.In(lane.Installation, Pushing.PushTargets.Secrets).Count;
            await lane.DisposeAsync();
        }

        _table.Add((
            $"kills: {kind.Name}",
            verdicts.Sum(verdict => verdict.Kills),
            verdicts.Count(verdict => !verdict.IsGood) + secrets,
            Stopwatch.GetElapsedTime(start)));
    }

    private async Task FaultsAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var failed = new ConcurrentQueue<string>();
        FaultCase[] cases = quick ? [.. FaultCase.All.Where((_, number) => number % 10 == seed % 10)] : [.. FaultCase.All];
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (fault, token) =>
        {
            foreach (var wrong in await FaultTrial.RunAsync(fault, seed, token))
            {
                failed.Enqueue($"{fault}: {wrong}");
            }
        });
        Add("faults: each kind alone for good", cases.Length, failed, start);

        start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(seed, Share(Mixes)), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (own, token) =>
        {
            (var what, var wrong) = await FaultTrial.RunMixAsync(own, token);
            foreach (var finding in wrong)
            {
                failed.Enqueue($"mix {own}, {what}: {finding}");
            }
        });
        Add("faults: random mixes", Share(Mixes), failed, start);

        start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(seed, Share(PushMixes)), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (own, token) =>
        {
            (var what, var wrong) = await Pushing.PushFaultTrial.RunMixAsync(own, token);
            foreach (var finding in wrong)
            {
                failed.Enqueue($"mix {own}, {what}: {finding}");
            }
        });
        Add("faults: random mixes at products over HTTP", Share(PushMixes), failed, start);
    }

    /// <summary>A hundred processes at once: one works, the others leave with 11 without doing anything.</summary>
    private async Task StartsAsync()
    {
        var start = Stopwatch.GetTimestamp();
        await using var script = await ThreatScript.StartAsync(seed, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        var wrong = new ConcurrentQueue<string>();
        var starts = Share(Starts);
        using (var gate = script.Simulator.Hold("updates"))
        {
            List<Task<(int ExitCode, bool Killed)>> processes =
                [.. Enumerable.Range(0, starts).Select(_ => SyncProcess.RunAsync(installation, null, CancellationToken.None))];
            var open = processes.ToList();
            while (open.Count > 1)
            {
                var ended = await Task.WhenAny(open);
                open.Remove(ended);
                if ((await ended).ExitCode != (int)ExitCode.Locked)
                {
                    wrong.Enqueue($"a second run ended with {(await ended).ExitCode}");
                }
            }

            gate.Release();
            if ((await open[0]).ExitCode != (int)ExitCode.Done)
            {
                wrong.Enqueue($"the one run ended with {(await open[0]).ExitCode}");
            }
        }

        foreach (var finding in Completeness.Of(installation))
        {
            wrong.Enqueue(finding);
        }

        Add("starts: processes at once", starts, wrong, start);
    }

    private async Task FuzzAsync()
    {
        var corpus = await FuzzCorpus.LoadAsync(SharedFolder.Find("fixtures"));
        foreach (var target in FuzzTarget.All)
        {
            var start = Stopwatch.GetTimestamp();
            var inputs = Share(InputsPerTarget);
            var wrong = new ConcurrentQueue<string>();
            Parallel.For(0, Lanes, lane =>
            {
                foreach (var finding in FuzzCampaign.Run(target, corpus[target.Sample], seed + lane, inputs / Lanes))
                {
                    wrong.Enqueue(finding);
                }
            });
            Add($"fuzz inputs: {target.Name}", inputs, wrong, start);
        }
    }

    private void Add(string what, int count, ConcurrentQueue<string> wrong, long start)
    {
        foreach (var finding in wrong)
        {
            output.WriteLine(finding);
        }

        _table.Add((what, count, wrong.Count, Stopwatch.GetElapsedTime(start)));
        wrong.Clear();
    }
}
