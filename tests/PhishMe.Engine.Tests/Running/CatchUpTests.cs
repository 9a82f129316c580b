using System.Text.Json;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A destination that is new, was off or was reset catches up by itself, and no other notices.</summary>
public sealed class CatchUpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_new_gets_the_back_catalogue_and_the_others_get_nothing_again(bool withStore)
    {
        await using var simulator = await StartAsync(60);
        using var installation = Json(simulator, withStore).Save();
        await installation.RunAsync();
        var json = File.ReadAllBytes(installation.AppendPath("json"));
        simulator.Requests.Clear();

        var summary = await Stix(installation).Save(simulator.CurrentPosition).RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal(json, File.ReadAllBytes(installation.AppendPath("json")));
        Assert.Equal(60, Bundles(installation).Count);
        Assert.Equal(60, Bundles(installation).Distinct().Count());
        Assert.Equal(withStore ? 0 : 3, simulator.Requests.CountByRoute().GetValueOrDefault("search"));
        Assert.Null(summary.Destinations.Single(destination => destination.Id == "raw_stix").CatchingUp);
        Assert.Equal(0, (await installation.RunAsync()).Destinations.Sum(destination => destination.Delivered));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_was_off_gets_what_it_missed_and_only_that(bool withStore)
    {
        await using var simulator = await StartAsync(40);
        using var installation = Stix(Json(simulator, withStore)).Save();
        await installation.RunAsync();
        await installation.Set("integration_raw_stix", "use", "False").Save(installation.Position).RunAsync();
        var ids = simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}").ToArray();
        simulator.Republish(ids[3]);
        simulator.Withdraw(ids[5]);
        simulator.Publish(2);
        await installation.RunAsync();
        var before = Bundles(installation).Count;
        var json = File.ReadAllBytes(installation.AppendPath("json"));

        var summary = await installation.Set("integration_raw_stix", "use", "True").Save(installation.Position).RunAsync();

        var stix = summary.Destinations.Single(destination => destination.Id == "raw_stix");
        Assert.Equal((ExitCode.Done, 3, 1), (summary.ExitCode, stix.Delivered, stix.Withdrawn));
        Assert.Equal(before + 4, Bundles(installation).Count);
        Assert.Equal(json, File.ReadAllBytes(installation.AppendPath("json")));
    }

    [Fact]
    public async Task One_that_was_off_for_more_than_one_answer_of_the_changelog_gets_all_of_them()
    {
        await using var simulator = await StartAsync(10);
        using var installation = Stix(Json(simulator, withStore: false)).Save();
        await installation.RunAsync();
        await installation.Set("integration_raw_stix", "use", "False").Save(installation.Position).RunAsync();
        simulator.Publish(25);
        await installation.RunAsync();
        var before = Bundles(installation).Count;

        // The catch-up meets smaller answers than the sync did: fewer changes than an answer may have are no sign that there are no more.
        simulator.ChangelogPageSize = 9;
        var summary = await installation.Set("integration_raw_stix", "use", "True").Save(installation.Position).RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal(before + 25, Bundles(installation).Count);
    }

    [Fact]
    public async Task One_that_was_reset_gets_everything_once_more()
    {
        await using var simulator = await StartAsync(30);
        using var installation = Stix(Json(simulator, withStore: true)).Save();
        await installation.RunAsync();
        var json = File.ReadAllBytes(installation.AppendPath("json"));
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });

        var reset = await engine.ResetDestinationAsync(installation.ConfigurationPath, "raw_stix", Stop);
        Assert.False(reset.IsCurrent);
        await installation.RunAsync();

        Assert.Equal(60, Bundles(installation).Count);
        Assert.Equal(json, File.ReadAllBytes(installation.AppendPath("json")));
        Assert.All(await engine.GetDestinationsAsync(installation.ConfigurationPath, Stop), destination => Assert.True(destination.IsCurrent));
    }

    [Fact]
    public async Task A_destination_that_nobody_knows_cannot_be_reset()
    {
        await using var simulator = await StartAsync(3);
        using var installation = Json(simulator, withStore: false).Save();
        await installation.RunAsync();
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });

        var refused = await Assert.ThrowsAsync<PhishMeException>(() => engine.ResetDestinationAsync(installation.ConfigurationPath, "raw_xml", Stop));

        Assert.Equal(Faults.DestinationNotFound, refused.Fault.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_killed_while_one_catches_up_is_continued_and_nothing_is_lost_or_twice(bool withStore)
    {
        await using var simulator = await StartAsync(60);
        using var installation = Json(simulator, withStore).Save();
        await installation.RunAsync();
        Stix(installation).Save(installation.Position);
        var copies = new List<Installation>();

        await installation.RunAsync(step: step =>
        {
            if (step is "catch-up-committed" or "append-after-flush" or "state-before-commit")
            {
                copies.Add(installation.Copy());
            }
        });

        Assert.True(copies.Count >= 6, $"{copies.Count} places to be killed at");
        foreach (var copy in copies)
        {
            using (copy)
            {
                // Its configuration names the files of the original: they are its own now.
                File.WriteAllText(copy.ConfigurationPath, File.ReadAllText(copy.ConfigurationPath).Replace(installation.Folder, copy.Folder, StringComparison.Ordinal));
                State(copy, installation.Folder);
                Assert.Equal(ExitCode.Done, (await copy.RunAsync()).ExitCode);
                Assert.Equal(Bundles(installation).Order(StringComparer.Ordinal), Bundles(copy).Order(StringComparer.Ordinal));
                Assert.Equal(File.ReadAllBytes(installation.AppendPath("json")), File.ReadAllBytes(copy.AppendPath("json")));
            }
        }
    }

    [Fact]
    public async Task When_the_time_of_a_run_is_up_the_next_one_goes_on()
    {
        await using var simulator = await StartAsync(60);
        using var installation = Json(simulator, withStore: false).Save();
        await installation.RunAsync();
        Stix(installation).Save(installation.Position);
        var time = new PhishMe.Engine.Tests.Network.ManualTime(DateTimeOffset.UtcNow);

        var first = await installation.RunAsync(clock: time, step: step =>
        {
            if (step == "catch-up-committed")
            {
                time.Advance(TimeSpan.FromMinutes(20));
            }
        });
        var between = Bundles(installation).Count;
        var second = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, ExitCode.Done), (first.ExitCode, second.ExitCode));
        Assert.Equal(20, between);
        Assert.Contains("backfill, page 1", first.Destinations.Single(destination => destination.Id == "raw_stix").CatchingUp, StringComparison.Ordinal);
        Assert.Equal(60, Bundles(installation).Distinct().Count());
        Assert.Equal(60, Bundles(installation).Count);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Stop);

    private static Installation Json(ThreatHqSimulator simulator, bool withStore) =>
        new Installation(simulator).WithOutput("json", files: false).Set("pm_api", "results_per_page", "20").Set("local_sqlite", "use", withStore.ToString());

    private static Installation Stix(Installation installation) =>
        installation.WithOutput("stix", files: false).Set("integration_raw_stix", "version", "2.1");

    /// <summary>The reports of the bundles in the stream.</summary>
    private static List<string> Bundles(Installation installation) =>
    [
        .. File.ReadAllLines(installation.AppendPath("stix")).Select(line =>
        {
            using var bundle = JsonDocument.Parse(line);
            return bundle.RootElement.GetProperty("objects").EnumerateArray().First(item => item.GetProperty("type").GetString() == "report").GetProperty("id").GetString()!;
        }),
    ];

    /// <summary>The copy knows its append files by the paths of the original.</summary>
    private static void State(Installation copy, string folder) =>
        Store.OldState.Execute(copy.StatePath, $"UPDATE append_file SET path = replace(path, '{folder}', '{copy.Folder}')");
}
