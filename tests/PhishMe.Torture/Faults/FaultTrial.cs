using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Torture.Faults;

/// <summary>One run with faults, then healthy ones: the first must end as it should, the others must leave everything complete.</summary>
internal static class FaultTrial
{
    private static readonly ExitCode[] Foreseen =
        [ExitCode.Done, ExitCode.DoneWithDeadLetters, ExitCode.ApiFailing, ExitCode.CredentialsRefused];

    /// <returns>What is wrong; empty when nothing is.</returns>
    public static Task<IReadOnlyList<string>> RunAsync(FaultCase fault, int seed, CancellationToken cancellationToken) =>
        RunAsync(fault.Backfill, [fault.Rule], [fault.Expected], seed, cancellationToken);

    /// <summary>Up to four rules by chance, in a backfill or an update.</summary>
    public static async Task<(string What, IReadOnlyList<string> Wrong)> RunMixAsync(int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var chosen = random.GetItems([.. FaultCase.All.Where(fault => fault.Kind != FaultRuleKind.HugeBody)], random.Next(1, 5));
        FaultRule[] rules = [.. chosen.Select(fault => fault.Rule with { Count = random.Next(1, 6), Skip = random.Next(0, 5) })];
        var what = string.Join(" + ", rules.Select(rule => $"{rule.Count} x {rule.Kind} on {rule.Route}{(rule.MatchServed ? " of one threat" : string.Empty)} after {rule.Skip}"));
        return (what, await RunAsync(chosen[0].Backfill, rules, Foreseen, seed, cancellationToken));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(
        bool backfill, FaultRule[] rules, ExitCode[] expected, int seed, CancellationToken cancellationToken)
    {
        await using var script = await ThreatScript.StartAsync(seed, threats: 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        if (!backfill)
        {
            await installation.RunUntilCurrentAsync(cancellationToken);
            script.ChangeAfterBackfill();
            script.Simulator.ChangelogPageSize = 1000;
        }

        var threat = script.Ids().Skip(5).First(id => script.Simulator.Cef(id).Length > 0);
        foreach (var rule in rules)
        {
            script.Simulator.Inject(rule.MatchServed ? rule with { MatchId = threat } : rule);
        }

        var wrong = new List<string>();
        var summary = await installation.RunAsync(cancellationToken: cancellationToken);
        if (!expected.Contains(summary.ExitCode))
        {
            wrong.Add($"ended with {summary.ExitCode} ({summary.Fault}) instead of {string.Join(" or ", expected)}");
        }

        script.Simulator.ClearFaults();
        installation.Edit("pass", script.Simulator.Password);
        var healthy = await installation.RunUntilCurrentAsync(cancellationToken);
        if (healthy.ExitCode is not (ExitCode.Done or ExitCode.DoneWithDeadLetters))
        {
            wrong.Add($"the healthy run ended with {healthy.ExitCode}: {healthy.Fault}");
        }

        wrong.AddRange(Completeness.Of(installation));
        wrong.AddRange(SecretHunt.In(installation));
        return wrong;
    }
}
