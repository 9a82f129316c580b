using System.Globalization;
using System.Text;
using System.Web;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>The whole journey: a backfill, updates, a quiet run.</summary>
public sealed class WholeRunTests
{
    /// <summary>Set to 20000 for the acceptance run; small by default so that every test run has it.</summary>
    private static int Threats => int.TryParse(Environment.GetEnvironmentVariable("PHISHME_ACCEPTANCE_THREATS"), out var count) ? count : 600;

    [Fact]
    public async Task A_backfill_and_three_updates_leave_every_threat_once_and_a_quiet_run_asks_once_and_changes_nothing()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = Threats, Seed = 7, LoadFolder = SharedMaterial.Root is string root ? Path.Combine(root, "fixtures", "threats") : null }, token);
        using var installation = new Installation(simulator).WithAllOutputs().Set("pm_api", "init_date", "2016-01-01").Save();

        var backfill = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, backfill.ExitCode);
        Assert.True(backfill.Backfill);
        AssertEverythingIsThereOnce(simulator, installation);

        simulator.Publish(40);
        var first = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, false), (first.ExitCode, first.Backfill));
        AssertEverythingIsThereOnce(simulator, installation);

        var changed = Id(simulator.Threats[5]);
        simulator.Republish(changed);
        simulator.Publish(3);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        AssertFilesAreAsServed(simulator, installation);
        Assert.Equal(2, LinesOf(installation, "json").Count(line => line.Contains($"\"id\":{changed[2..]},", StringComparison.Ordinal)
            && line.Contains(changed[0] == 'm' ? "MALWARE" : "PHISH", StringComparison.Ordinal)));

        var withdrawn = Id(simulator.Threats[6]);
        simulator.Withdraw(withdrawn);
        var third = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 1), (third.ExitCode, third.Withdrawn));
        AssertFilesAreAsServed(simulator, installation);

        var before = installation.OutputFiles();
        var ini = File.ReadAllText(installation.ConfigurationPath);
        simulator.Requests.Clear();
        var quiet = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, quiet.ExitCode);
        Assert.Equal((1, 1), (quiet.Requests, simulator.Requests.Count()));
        Assert.Equal(before, installation.OutputFiles());
        Assert.Equal(ini, File.ReadAllText(installation.ConfigurationPath));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
    }

    [Fact]
    public async Task A_backfill_asks_for_each_page_once_and_for_none_beyond_the_last()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 310 }, token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        var summary = await installation.RunAsync();

        Assert.Equal(310, summary.Outputs.Single().Threats);
        Assert.Equal((4, 1, 1), (simulator.Requests.Count("search"), simulator.Requests.Count("feed"), simulator.Requests.Count("updates")));
    }

    [Fact]
    public async Task The_changes_are_asked_for_from_a_minute_before_the_end_of_the_backfill_so_that_there_is_never_a_gap()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        await installation.RunAsync();

        Assert.Equal(60, Seconds("search", "endTimestamp") - Seconds("updates", "timestamp"));

        long Seconds(string route, string field) => long.Parse(
            HttpUtility.ParseQueryString(simulator.Requests.Entries.First(entry => entry.Route == route).Query)[field]!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_threat_that_moves_to_a_page_already_read_is_not_lost()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 400 }, token);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "concurrent_requests", "1").Save();
        var commits = 0;

        await installation.RunAsync(step: name =>
        {
            if (name == "state-after-commit" && ++commits == 2)
            {
                // Two of the first page go: the first two of a later page move to one that was read.
                simulator.Withdraw(Id(simulator.Threats[3]));
                simulator.Withdraw(Id(simulator.Threats[3]));
            }
        });

        AssertFilesAreAsServed(simulator, installation, "json");
    }

    [Fact]
    public async Task A_thousand_changes_cost_ten_searches_and_two_changelog_calls()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        simulator.Publish(1000);
        simulator.Requests.Clear();

        var summary = await installation.RunAsync();

        Assert.Equal(1000, summary.Received);
        Assert.Equal(
            new Dictionary<string, int> { ["search"] = 10, ["updates"] = 2 },
            simulator.Requests.CountByRoute().OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
    }

    [Fact]
    public async Task An_update_of_an_expired_threat_is_recorded_but_not_emitted()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 }, token);
        using var installation = new Installation(simulator).WithAllOutputs().Set("pm_api", "expired_threat_days", "30").Save();
        var backfill = await installation.RunAsync();
        Assert.Equal((20, 0), (backfill.Outputs.Single(output => output.Format == OutputFormat.Json).Threats, backfill.Expired));
        simulator.Republish(Id(simulator.Threats[0]));
        simulator.Publish(1);

        var update = await installation.RunAsync();

        Assert.Equal((2, 1), (update.Received, update.Expired));
        Assert.All(update.Outputs.Where(output => output.Format != OutputFormat.Cef), output => Assert.Equal(1, output.Threats));
    }

    [Fact]
    public async Task Only_the_products_asked_for_are_delivered()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 60 }, token);
        using var installation = new Installation(simulator).WithAllOutputs().Set("pm_product", "intelligence", "False").Save();

        await installation.RunAsync();
        simulator.Publish(20);
        await installation.RunAsync();

        var phish = simulator.Threats.Count(threat => threat.Type.StartsWith("phish", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(phish, LinesOf(installation, "json").Length);
        Assert.All(LinesOf(installation, "cef"), line => Assert.Contains("|Brand Intelligence|", line, StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(installation.FilesPath("stix"), "*", SearchOption.AllDirectories), file => Assert.StartsWith("p_", Path.GetFileName(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_legacy_layout_has_the_names_and_bytes_of_the_original()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, token);
        using var installation = new Installation(simulator).WithOutput("json", layout: "legacy", splitByDate: false).Save();

        await installation.RunAsync();

        var file = Directory.GetFiles(installation.FilesPath("json")).First();
        Assert.Matches(@"^\d+\.json$", Path.GetFileName(file));
        var lines = File.ReadAllLines(file);
        Assert.Equal("{", lines[0]);
        Assert.StartsWith("    \"", lines[1], StringComparison.Ordinal);
        Assert.All(File.ReadAllBytes(file), character => Assert.InRange(character, (byte)0, (byte)127));
    }

    [Fact]
    public async Task The_user_agent_names_the_product_and_the_active_outputs()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 1 }, token);
        using var installation = new Installation(simulator).WithOutput("cef").WithOutput("json").Save();

        await installation.RunAsync();

        Assert.All(simulator.Requests.Entries, request => Assert.Equal("PhishMe.PowerShell/1.0.0 (raw_cef, raw_json)", request.UserAgent));
        Assert.All(simulator.Requests.Entries, request => Assert.Contains("gzip", request.AcceptEncoding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_says_what_it_would_do_and_changes_nothing()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 25 }, token);
        using var installation = new Installation(simulator).WithAllOutputs().Save();
        var ini = File.ReadAllText(installation.ConfigurationPath);

        var summary = await installation.RunAsync(dryRun: true);

        Assert.Equal((ExitCode.Done, true), (summary.ExitCode, summary.DryRun));
        Assert.Equal(25, summary.Outputs.Single(output => output.Format == OutputFormat.Stix).FilesWritten);
        Assert.Equal([installation.ConfigurationPath], Directory.GetFileSystemEntries(installation.Folder));
        Assert.Equal(ini, File.ReadAllText(installation.ConfigurationPath));
    }

    [Fact]
    public async Task A_dry_run_after_a_real_one_goes_on_from_its_position_and_leaves_the_state_alone()
    {
        var token = TestContext.Current.CancellationToken;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 25 }, token);
        using var installation = new Installation(simulator).WithAllOutputs().Save();
        await installation.RunAsync();
        simulator.Publish(4);
        var before = installation.OutputFiles();
        var position = installation.Position;

        var dry = await installation.RunAsync(dryRun: true);
        Assert.Null(dry.Fault);
        Assert.Equal(4, dry.Outputs.Single(output => output.Format == OutputFormat.Json).Threats);
        Assert.Equal(before, installation.OutputFiles());
        Assert.Equal(position, installation.Position);

        var real = await installation.RunAsync();
        Assert.Equal(4, real.Outputs.Single(output => output.Format == OutputFormat.Json).Threats);
    }

    private static void AssertEverythingIsThereOnce(ThreatHqSimulator simulator, Installation installation)
    {
        AssertFilesAreAsServed(simulator, installation);
        string[] served = [.. simulator.Threats.Select(threat => Encoding.UTF8.GetString(simulator.Json(threat.Type, threat.Id).Span))];
        Assert.Equal(served.Order(StringComparer.Ordinal), LinesOf(installation, "json").Order(StringComparer.Ordinal));
        string[] cef = [.. simulator.Threats.SelectMany(threat => DeliveredCef.Of(simulator.Cef(threat.Type, threat.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(cef.Order(StringComparer.Ordinal), LinesOf(installation, "cef").Order(StringComparer.Ordinal));
        var stix = File.ReadAllText(installation.AppendPath("stix"));
        Assert.Equal(simulator.Threats.Count, stix.Split("</stix:STIX_Package>").Length - 1);
        Assert.Equal(simulator.CurrentPosition, installation.Position);
    }

    private static void AssertFilesAreAsServed(ThreatHqSimulator simulator, Installation installation, params string[] formats)
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((var type, var number) in simulator.Threats)
        {
            var id = Id((type, number));
            expected.Add($"{id}.json", Encoding.UTF8.GetString(simulator.Json(type, number).Span));
            expected.Add($"{id}.xml", simulator.Stix(type, number));
            var cef = DeliveredCef.Of(simulator.Cef(type, number));
            if (cef.Length > 0)
            {
                expected.Add($"{id}.cef", cef.EndsWith('\n') ? cef : cef + "\n");
            }
        }

        var written = new SortedDictionary<string, string>(StringComparer.Ordinal);
        formats = formats.Length == 0 ? ["json", "stix", "cef"] : formats;
        foreach (var name in expected.Keys.Where(name => !formats.Contains(Path.GetExtension(name) == ".xml" ? "stix" : Path.GetExtension(name)[1..])).ToArray())
        {
            expected.Remove(name);
        }

        foreach (var file in formats.SelectMany(format =>
            Directory.EnumerateFiles(installation.FilesPath(format), "*", SearchOption.AllDirectories)))
        {
            written.Add(Path.GetFileName(file), File.ReadAllText(file));
        }

        Assert.Equal(expected.Keys, written.Keys);
        foreach ((var name, var content) in expected)
        {
            Assert.True(content == written[name], $"{name} differs from what was served.");
        }
    }

    private static string[] LinesOf(Installation installation, string format) =>
        File.ReadAllText(installation.AppendPath(format)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Id((string Type, long Id) threat) =>
        FormattableString.Invariant($"{(threat.Type.StartsWith("m", StringComparison.OrdinalIgnoreCase) ? 'm' : 'p')}_{threat.Id}");
}
