using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture.Faults;
using PhishMe.Torture.Fuzzing;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture;

/// <summary>The slow target in full: kills, faults, concurrent starts, fuzzing; a table at the end.</summary>
/// <remarks>Options: a seed; <c>--quick</c> for a tenth of everything; <c>--only kills|faults|starts|fuzz</c>.</remarks>
internal sealed class Suite(int seed, bool quick, string? only, TextWriter output)
{
    private const int Lanes = 4;
    private const int OutsideKills = 10;
    private const int Mixes = 300;
    private const int Starts = 100;
    private const int InputsPerTarget = 40_000;

    private readonly List<(string What, int Count, int Failed, TimeSpan Took)> _table = [];

    public static Task<int> RunAsync(string[] args, TextWriter output)
    {
        int only = Array.IndexOf(args, "--only");
        int seed = args is [string first, ..] && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        return new Suite(seed, args.Contains("--quick"), only >= 0 ? args[only + 1] : null, output).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        await output.WriteLineAsync($"seed {seed}");
        if (only is null or "kills")
        {
            foreach (KillScenario scenario in KillScenario.All)
            {
                await KillsAsync(scenario);
            }
        }

        if (only is null or "faults")
        {
            await FaultsAsync();
        }

        if (only is null or "starts")
        {
            await StartsAsync();
        }

        if (only is null or "fuzz")
        {
            await FuzzAsync();
        }

        await output.WriteLineAsync();
        foreach ((string what, int count, int failed, TimeSpan took) in _table)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what,-50} {count,8} {failed,6} failed {took.TotalSeconds,8:0.0} s"));
        }

        return _table.Any(row => row.Failed > 0) ? 1 : 0;
    }

    private int Share(int all) => quick ? all / 10 : all;

    private async Task KillsAsync(KillScenario scenario)
    {
        long start = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        DateTimeOffset today = DateTimeOffset.UtcNow;
        KillLane[] lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => KillLane.PrepareAsync(scenario, seed, 14, today, CancellationToken.None)));
        await output.WriteLineAsync($"{scenario.Name}: {KillCampaign.Describe(lanes[0].Steps)}; requests {lanes[0].Requests}");
        KillPoint[] every = [.. lanes[0].EveryStep()];
        IEnumerable<KillPoint> single = (quick ? KillCampaign.Selection(lanes[0], 20, random) : every)
            .Concat(KillCampaign.WhileWaiting(lanes[0], Math.Max(1, Share(OutsideKills)), random))
            .Concat(Enumerable.Range(0, Share(OutsideKills)).Select(_ => new KillPoint(KillTrigger.Time, string.Empty, random.Next(100, 1500))));
        IEnumerable<IReadOnlyList<KillPoint>> repeated = Enumerable.Range(0, Share(OutsideKills)).Select(_ => random.GetItems(every, 3));
        IReadOnlyList<KillVerdict> verdicts = await KillCampaign.RunAsync(
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
        int secrets = 0;
        foreach (KillLane lane in lanes)
        {
            secrets += SecretHunt.In(lane.Site).Count;
            await lane.DisposeAsync();
        }

        _table.Add((
            $"kills: {scenario.Name}",
            verdicts.Sum(verdict => verdict.Kills),
            verdicts.Count(verdict => !verdict.IsGood) + secrets,
            Stopwatch.GetElapsedTime(start)));
    }

    private async Task FaultsAsync()
    {
        long start = Stopwatch.GetTimestamp();
        var failed = new ConcurrentQueue<string>();
        FaultCase[] cases = quick ? [.. FaultCase.All.Where((_, number) => number % 10 == seed % 10)] : [.. FaultCase.All];
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (fault, token) =>
        {
            foreach (string wrong in await FaultTrial.RunAsync(fault, seed, token))
            {
                failed.Enqueue($"{fault}: {wrong}");
            }
        });
        Add("faults: each kind alone for good", cases.Length, failed, start);

        start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(seed, Share(Mixes)), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (own, token) =>
        {
            (string what, IReadOnlyList<string> wrong) = await FaultTrial.RunMixAsync(own, token);
            foreach (string finding in wrong)
            {
                failed.Enqueue($"mix {own}, {what}: {finding}");
            }
        });
        Add("faults: random mixes", Share(Mixes), failed, start);
    }

    /// <summary>A hundred processes at once: one works, the others leave with 11 without doing anything.</summary>
    private async Task StartsAsync()
    {
        long start = Stopwatch.GetTimestamp();
        await using World world = await World.StartAsync(seed, 14, DateTimeOffset.UtcNow);
        using var site = new Site(world.Simulator, new SiteOptions { InitialDate = world.InitialDate });
        var wrong = new ConcurrentQueue<string>();
        int starts = Share(Starts);
        using (Gate gate = world.Simulator.Hold("updates"))
        {
            List<Task<(int ExitCode, bool Killed)>> processes =
                [.. Enumerable.Range(0, starts).Select(_ => SyncProcess.RunAsync(site, null, CancellationToken.None))];
            var open = processes.ToList();
            while (open.Count > 1)
            {
                Task<(int ExitCode, bool Killed)> ended = await Task.WhenAny(open);
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

        foreach (string finding in Completeness.Of(site))
        {
            wrong.Enqueue(finding);
        }

        Add("concurrent starts", starts, wrong, start);
    }

    private async Task FuzzAsync()
    {
        IReadOnlyDictionary<string, IReadOnlyList<byte[]>> corpus = await FuzzCorpus.LoadAsync(SharedFolder.Find("fixtures"));
        foreach (FuzzTarget target in FuzzTarget.All)
        {
            long start = Stopwatch.GetTimestamp();
            int inputs = Share(InputsPerTarget);
            var wrong = new ConcurrentQueue<string>();
            Parallel.For(0, Lanes, lane =>
            {
                foreach (string finding in FuzzCampaign.Run(target, corpus[target.Sample], seed + lane, inputs / Lanes))
                {
                    wrong.Enqueue(finding);
                }
            });
            Add($"fuzz: {target.Name}", inputs, wrong, start);
        }
    }

    private void Add(string what, int count, ConcurrentQueue<string> wrong, long start)
    {
        foreach (string finding in wrong)
        {
            output.WriteLine(finding);
        }

        _table.Add((what, count, wrong.Count, Stopwatch.GetElapsedTime(start)));
        wrong.Clear();
    }
}
