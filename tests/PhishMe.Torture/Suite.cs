using System.Diagnostics;
using System.Globalization;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture;

/// <summary>The slow target in full.</summary>
internal static class Suite
{
    private const int Lanes = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int seed = args is [_, ..] && int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        bool quick = args.Contains("--quick");
        await output.WriteLineAsync($"seed {seed}");
        var table = new List<(string What, int Count, int Failed, TimeSpan Took)>();
        foreach (KillScenario scenario in KillScenario.All)
        {
            table.Add(await KillsAsync(scenario, seed, quick, output));
        }

        await output.WriteLineAsync();
        foreach ((string what, int count, int failed, TimeSpan took) in table)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what,-50} {count,8} {failed,6} failed {took.TotalSeconds,8:0.0} s"));
        }

        return table.Any(row => row.Failed > 0) ? 1 : 0;
    }

    private static async Task<(string What, int Count, int Failed, TimeSpan Took)> KillsAsync(KillScenario scenario, int seed, bool quick, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        DateTimeOffset today = DateTimeOffset.UtcNow;
        KillLane[] lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => KillLane.PrepareAsync(scenario, seed, 14, today, CancellationToken.None)));
        await output.WriteLineAsync($"{scenario.Name}: {KillCampaign.Describe(lanes[0].Steps)}; requests {lanes[0].Requests}");
        IEnumerable<KillPoint> points = quick ? KillCampaign.Selection(lanes[0], 30, random) : lanes[0].EveryStep();
        IReadOnlyList<KillVerdict> verdicts = await KillCampaign.RunAsync(
            lanes,
            points.Concat(KillCampaign.WhileWaiting(lanes[0], quick ? 3 : 20, random)).Select(point => (IReadOnlyList<KillPoint>)[point]),
            verdict =>
            {
                if (!verdict.IsGood)
                {
                    output.WriteLine(verdict);
                }
            },
            CancellationToken.None);
        foreach (KillLane lane in lanes)
        {
            await lane.DisposeAsync();
        }

        return ($"kills: {scenario.Name}", verdicts.Sum(verdict => verdict.Kills), verdicts.Count(verdict => !verdict.IsGood), Stopwatch.GetElapsedTime(start));
    }
}
