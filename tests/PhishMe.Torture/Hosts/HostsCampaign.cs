using System.Globalization;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture.Hosts;

/// <summary>
/// Hosts under one schedule: at each tick all of them start, one works, and by chance some are killed, at any step or at any time. Threats change between; the
/// hosts must follow before they change again, so that the yardstick sees the same versions.
/// </summary>
internal static class HostsCampaign
{
    public const string Verb = "hosts";

    private static readonly string[] _names = ["alpha", "beta", "gamma"];

    /// <summary>Ticks with kills in one round; then the hosts are left alone until they are current.</summary>
    private const int DisturbedTicks = 6;

    private const int MostTicks = 40;

    /// <summary>Kills runs until there were enough.</summary>
    /// <param name="server">A server that is there; null for one of its own.</param>
    /// <param name="seed">The seed of threats and kills.</param>
    /// <param name="kills">How many runs are killed at least.</param>
    /// <param name="report">Receives a line for each round.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<HostsVerdict> RunAsync(PostgreSqlCluster? server, int seed, int kills, Action<string>? report, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        await using var hosts = await SharingHosts.StartAsync(server, seed, threats: 14, _names);
        var wrong = new List<string>();
        int runs = 0, killed = 0, locked = 0;
        for (var round = 0; killed < kills && wrong.Count == 0; round++)
        {
            Change(hosts.Script, round, random);
            await hosts.FollowAsync(cancellationToken);
            var tick = 0;
            do
            {
                var ended = await Task.WhenAll(hosts.All.Select(host => SyncProcess.RunAsync(host, tick < DisturbedTicks ? Fate(random) : null, cancellationToken)));
                runs += ended.Length;
                killed += ended.Count(run => run.Killed);
                locked += ended.Count(run => !run.Killed && run.ExitCode == (int)ExitCode.Locked);
                wrong.AddRange(ended
                    .Where(run => !run.Killed && run.ExitCode is not ((int)ExitCode.Done or (int)ExitCode.DoneWithDeadLetters or (int)ExitCode.Locked))
                    .Select(run => FormattableString.Invariant($"round {round}: a run ended with {run.ExitCode}")));
                tick++;
            }
            while (tick < MostTicks && wrong.Count == 0 && (tick < DisturbedTicks || !await hosts.IsCurrentAsync()));
            if (tick == MostTicks)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"round {round}: the hosts do not become current"));
            }

            report?.Invoke(string.Create(CultureInfo.InvariantCulture, $"round {round}: {tick} ticks; {killed} of {runs} runs killed so far, {locked} ended with 11"));
        }

        wrong.AddRange(await hosts.SettleAsync(cancellationToken));
        wrong.AddRange(await hosts.CompareAsync(killed));
        if (wrong.Count > 0)
        {
            report?.Invoke(string.Join('\n', hosts.All.Select(host => host.Output.ToString())));
        }

        return new HostsVerdict(runs, killed, locked, wrong);
    }

    /// <summary>From the command line: <c>hosts [seed] [--kills N]</c>.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int? seed = null;
        var kills = 500;
        for (var at = 0; at < args.Length; at++)
        {
            if (args[at] == "--kills" && at + 1 < args.Length && int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
            {
                kills = wanted;
                at++;
            }
            else if (int.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out var given))
            {
                seed = given;
            }
            else
            {
                await output.WriteLineAsync($"'{args[at]}' is not an argument of hosts: give a seed, --kills N, or both.");
                return 2;
            }
        }

        var chosen = seed ?? Random.Shared.Next();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {chosen}"));
        var start = TimeProvider.System.GetTimestamp();
        var verdict = await RunAsync(server: null, chosen, kills, output.WriteLine, CancellationToken.None);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{verdict}; {TimeProvider.System.GetElapsedTime(start).TotalMinutes:0.0} minutes, seed {chosen}, {DateTimeOffset.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors"));
        return verdict.Findings.Count == 0 ? 0 : 1;
    }

    /// <summary>Most runs die early or in the middle; some by the clock; some live.</summary>
    private static KillPoint? Fate(Random random) => random.Next(10) switch
    {
        < 6 => new KillPoint(KillTrigger.Step, KillPoint.AnyStep, random.Next(1, 60)),
        < 8 => new KillPoint(KillTrigger.Time, string.Empty, random.Next(100, 2500)),
        _ => null,
    };

    private static void Change(ThreatScript script, int round, Random random)
    {
        if (round == 0)
        {
            script.ChangeBeforeBackfill();
            return;
        }

        var ids = script.Ids();
        random.Shuffle(ids);
        script.Simulator.Publish(2);
        script.Simulator.Republish(ids[0]);
        script.Simulator.Republish(ids[1]);
        script.Simulator.RepublishUnchanged(ids[2]);
        script.Simulator.Withdraw(ids[3]);
        script.Simulator.Withdraw(ids[4]);
        script.Simulator.Restore(ids[4]);
        if (ids.Length > 14)
        {
            script.Simulator.Withdraw(ids[5]);
        }
    }
}
