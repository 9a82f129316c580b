using System.Text;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Torture.Pushing;

/// <summary>
/// Products that misbehave during a backfill and during a day of changes, then healthy runs: what they hold is compared with what an installation without
/// faults left at products of its own.
/// </summary>
internal static class PushFaultTrial
{
    private static readonly ExitCode[] _foreseen = [ExitCode.Done, ExitCode.OutputFailed];

    private static readonly (string Name, Func<PushTarget, ProductRequest, ProductAnswer> Answer)[] _kinds =
    [
        ("429", (_, _) => ProductAnswer.Json(429, "{}")),
        ("429 with Retry-After", (_, _) => ProductAnswer.Json(429, "{}") with { Headers = [new("Retry-After", "0")] }),
        ("a pause of an hour", (_, _) => ProductAnswer.Json(429, "{}") with { Headers = [new("Retry-After", "3600")] }),
        ("503", (_, _) => ProductAnswer.Json(503, "{}")),
        ("502", (_, _) => ProductAnswer.Json(502, "{}")),
        ("401", (_, _) => ProductAnswer.Json(401, """{"text":"Invalid token","code":4}""")),
        ("403", (_, _) => ProductAnswer.Json(403, """{"text":"Invalid token","code":4}""")),
        ("a login page", (_, _) => ProductAnswer.Page(200, "Sign in")),
        ("cut before the work", (_, _) => ProductAnswer.Cut),
        ("cut behind the work", (target, request) =>
        {
            target.Server.Work(request);
            return ProductAnswer.Cut;
        }),
        ("hangs up in the middle of its answer", (target, request) =>
        {
            target.Server.Work(request);
            return ProductAnswer.Json(200, """{"text":"Succ""") with { IsCutInBody = true };
        }),
        ("slow", (target, request) => target.Server.Work(request) with { Hold = Task.Delay(50) }),
        ("repeats what it was given", (_, request) =>
            new ProductAnswer(503, "text/plain", Encoding.UTF8.GetBytes($"{string.Join(' ', request.Headers.Values)} {request.Text}"))),
    ];

    /// <summary>Up to three kinds of faults at each product, by chance.</summary>
    public static async Task<(string What, IReadOnlyList<string> Wrong)> RunMixAsync(int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        await using var script = await ThreatScript.StartAsync(seed, threats: 14, DateTimeOffset.UtcNow);
        await using var targets = await PushTargets.StartAsync();
        await using var healthy = await PushTargets.StartAsync();
        using var installation = Installed(script, targets);
        using var yardstick = Installed(script, healthy);
        var faults = targets.All.ToDictionary(target => target, target => new Faults(target, random));
        var wrong = new List<string>();
        var repeats = 0;
        for (var phase = 0; phase < 2; phase++)
        {
            if (phase == 1)
            {
                script.ChangeAfterBackfill();
                script.Simulator.ChangelogPageSize = 1000;
            }

            await yardstick.RunUntilCurrentAsync(cancellationToken);
            foreach (var (target, plan) in faults)
            {
                target.Server.Always(plan.Answer);
            }

            for (var run = 0; run < 2; run++)
            {
                var summary = await installation.RunAsync(cancellationToken: cancellationToken);
                if (!_foreseen.Contains(summary.ExitCode))
                {
                    wrong.Add($"a run ended with {summary.ExitCode}: {summary.Fault}");
                }
            }
        }

        foreach (var (target, plan) in faults)
        {
            target.Server.Always(null);
            repeats += plan.Met;
        }

        var last = await installation.RunUntilCurrentAsync(cancellationToken);
        if (last.ExitCode != ExitCode.Done)
        {
            wrong.Add($"the healthy run ended with {last.ExitCode}: {last.Fault}");
        }

        await using var late = await PushTargets.StartAsync();
        using var fresh = Installed(script, late);
        await fresh.RunUntilCurrentAsync(cancellationToken);
        for (var i = 0; i < targets.All.Count; i++)
        {
            var target = targets.All[i];
            wrong.AddRange(PushCount.Compare(
                target, [.. healthy.All[i].Held().Order(StringComparer.Ordinal)], repeats, target.RecognizesRepeats ? late.All[i].Held().ToHashSet(StringComparer.Ordinal) : null));
        }

        var (mine, theirs) = (Ledger(installation), Ledger(yardstick));
        wrong.AddRange(theirs.Except(mine).Select(row => $"not in the ledger: {row}"));
        wrong.AddRange(mine.Except(theirs).Select(row => $"in the ledger: {row}"));
        wrong.AddRange(SecretHunt.In(installation, PushTargets.Secrets));
        return (string.Join("; ", faults.Values), wrong);
    }

    private static TortureInstallation Installed(ThreatScript script, PushTargets targets) => new(
        script.Simulator,
        new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], Files = false, Store = true, Extra = targets.Sections });

    private static IEnumerable<string> Ledger(TortureInstallation installation) => installation.Recorded()
        .Where(row => row.StartsWith("ledger ", StringComparison.Ordinal) || row.StartsWith("waiting ", StringComparison.Ordinal) || row.StartsWith("dead letter ", StringComparison.Ordinal));

    /// <summary>Which requests of a product meet which fault.</summary>
    private sealed class Faults(PushTarget target, Random random)
    {
        private readonly (int First, int Count, int Kind)[] _plan =
            [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (random.Next(0, 12), random.Next(1, 6), random.Next(_kinds.Length)))];

        private int _requests;

        /// <summary>Requests that met a fault.</summary>
        public int Met { get; private set; }

        public ProductAnswer? Answer(ProductRequest request)
        {
            var number = _requests++;
            foreach (var (first, count, kind) in _plan)
            {
                if (number >= first && number < first + count)
                {
                    Met++;
                    return _kinds[kind].Answer(target, request);
                }
            }

            return null;
        }

        public override string ToString() =>
            $"{target.Id}: {string.Join(" + ", _plan.Select(one => FormattableString.Invariant($"{one.Count} x {_kinds[one.Kind].Name} after {one.First}")))}";
    }
}
