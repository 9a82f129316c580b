using System.Globalization;
using PhishMe.Engine.Files;
using PhishMe.Simulator;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture.Comparing;

/// <summary>
/// Runs two builds of <c>phishme</c> on the same threats and compares everything that they write and say: after the backfill, after updates and withdrawals,
/// and where the newer one takes over the folder that the older one left after its backfill.
/// </summary>
internal sealed class ProgramComparison(string old, string current, int threats, int seed, string lanes, TextWriter output)
{
    public const string Verb = "sidebyside";
    private const int Usage = 2;

    /// <summary>Runs the comparison.</summary>
    /// <returns>0 when every difference is an expected one, 1 when there are others, 2 when the arguments are wrong.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["--threats"] = "20000",
            ["--seed"] = "1",
            ["--lanes"] = string.Empty,
        };
        for (var at = 0; at + 1 < args.Length; at += 2)
        {
            values[args[at]] = args[at + 1];
        }

        if (args.Length % 2 != 0
            || !values.TryGetValue("--old", out var before) || !File.Exists(before)
            || !values.TryGetValue("--new", out var after) || !File.Exists(after)
            || !int.TryParse(values["--threats"], NumberStyles.None, CultureInfo.InvariantCulture, out var threats) || threats < 100
            || !int.TryParse(values["--seed"], NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        {
            await output.WriteLineAsync(
                $"{Verb} --old PROGRAM --new PROGRAM [--threats N] [--seed N] [--lanes TEXT]: PROGRAM is phishme or phishme.dll; N threats are 100 or more; TEXT picks lanes by name.");
            return Usage;
        }

        return await new ProgramComparison(Path.GetFullPath(before), Path.GetFullPath(after), threats, seed, values["--lanes"], output).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        var begin = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var end = begin.AddDays(180);
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions
        {
            Threats = threats,
            Seed = seed,
            From = begin,
            To = end,

            // Ahead of the real time, so that what is published later comes by the changelog and not by the backfill.
            Clock = new FixedClock(new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero).AddDays(3)),
        });
        await using var collector = new Collector();
        var root = Directory.CreateTempSubdirectory("phishme-sidebyside-").FullName;
        try
        {
            ComparedLane[] chosen = [.. ComparedLane.All.Where(lane => lane.Name.Contains(lanes, StringComparison.OrdinalIgnoreCase))];
            var sites = chosen.Select((lane, number) => (Lane: lane, Site: Prepare(lane, Path.Combine(root, number.ToString(CultureInfo.InvariantCulture))))).ToList();
            foreach ((var lane, var site) in sites)
            {
                await output.WriteLineAsync($"{lane.Name}: backfill");
                await site.Old.RunAsync(collector);
                await site.New.RunAsync(collector);
                site.Migrated.Runs.AddRange(site.Old.Runs);
                site.Migrated.Events.AddRange(site.Old.Events);
                Copy(site.Old.Home, site.Migrated.Home);
            }

            Change(simulator);
            await FollowAsync("updates and withdrawals", sites, collector);
            ChangeAgain(simulator);
            await FollowAsync("more of them", sites, collector);
            await FollowAsync("nothing new", sites, collector);

            var isGood = true;
            foreach ((var lane, var site) in sites)
            {
                isGood &= await ReportAsync(lane.Name, site.Old, site.New);
                isGood &= await ReportAsync(lane.Name + ", taken over after the backfill", site.Old, site.Migrated);
            }

            return isGood ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        (ComparedProgram Old, ComparedProgram New, ComparedProgram Migrated) Prepare(ComparedLane lane, string folder)
        {
            var site = Path.Combine(folder, "site");
            foreach (var home in (string[])["old", "new"])
            {
                Directory.CreateDirectory(Path.Combine(folder, home));
                using var stream = OwnerOnlyFile.Open(
                    Path.Combine(folder, home, "config.ini"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
                using var writer = new StreamWriter(stream);
                writer.Write(
                    lane.Configuration(
                        simulator.BaseUri,
                        simulator.User,
                        simulator.Password,
                        DateOnly.FromDateTime((lane.Syslog ? begin.AddDays(162) : begin).UtcDateTime),
                        lane.Syslog ? collector.Keys : string.Empty));
            }

            return (
                new ComparedProgram(old, site, Path.Combine(folder, "old")),
                new ComparedProgram(current, site, Path.Combine(folder, "new")),
                new ComparedProgram(current, site, Path.Combine(folder, "migrated")));
        }
    }

    private async Task FollowAsync(
        string what, IEnumerable<(ComparedLane Lane, (ComparedProgram Old, ComparedProgram New, ComparedProgram Migrated) Site)> sites, Collector collector)
    {
        foreach ((var lane, var site) in sites)
        {
            await output.WriteLineAsync($"{lane.Name}: {what}");
            await site.Old.RunAsync(collector);
            await site.New.RunAsync(collector);
            await site.Migrated.RunAsync(collector);
        }
    }

    /// <summary>New threats, other content, other dates, nothing but an announcement, withdrawals: of young and of old threats.</summary>
    private static void Change(ThreatHqSimulator simulator)
    {
        var ids = Ids(simulator);
        simulator.Publish(ids.Length / 100);
        Each(ids, 17, 100, simulator.Republish);
        Each(ids, 29, 100, id => simulator.RepublishUnchanged(id));
        Each(ids, 41, 100, id => simulator.RepublishUnchanged(id, moveDate: false));
        Each(ids, 53, 100, simulator.Withdraw);
    }

    /// <summary>Withdrawn and back, changed once more, changed and withdrawn, published and withdrawn before anyone saw it.</summary>
    private static void ChangeAgain(ThreatHqSimulator simulator)
    {
        var ids = Ids(simulator);
        Each(ids, 7, 100, id =>
        {
            simulator.Withdraw(id);
            simulator.Restore(id);
        });
        Each(ids, 17, 100, simulator.Republish);
        Each(ids, 23, 100, id =>
        {
            simulator.Republish(id);
            simulator.Withdraw(id);
        });
        foreach (var threat in simulator.Publish(5))
        {
            simulator.Withdraw(Name(threat));
        }

        simulator.Publish(ids.Length / 200);
    }

    private static void Each(string[] ids, int first, int step, Action<string> change)
    {
        for (var at = first; at < ids.Length; at += step)
        {
            change(ids[at]);
        }
    }

    private static string[] Ids(ThreatHqSimulator simulator) => [.. simulator.Threats.Select(Name)];

    private static string Name((string Type, long Id) threat) => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}");

    private async Task<bool> ReportAsync(string name, ComparedProgram before, ComparedProgram after)
    {
        var tally = new DifferenceTally();
        new OutputComparison(tally).Compare(before, after);
        await output.WriteLineAsync();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {tally.Compared} files, records and summaries compared; exit codes {string.Join(' ', after.Runs.Select(run => run.ExitCode))}"));
        var isGood = true;
        foreach ((var kind, var count, var first) in tally.Kinds)
        {
            var reason = ExpectedDifference.ReasonOf(kind);
            isGood &= reason is not null;
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {(reason is null ? "UNEXPECTED" : "expected")} {count} x {kind}{(reason is null ? $": {first}" : $" ({reason})")}"));
        }

        if (!tally.Kinds.Any())
        {
            await output.WriteLineAsync("  no difference");
        }

        return isGood;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
