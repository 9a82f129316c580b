using PhishMe.Engine.Running;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Two installations, each with its own folder and name, on one shared state.</summary>
public sealed class SharedStateRunTests
{
    [Fact]
    public async Task Each_host_has_all_files_whichever_of_them_did_the_work()
    {
        await using var simulator = await StartAsync();
        var state = PostgreSqlServer.Shared.NewState();
        using var one = On(state, simulator, "one").WithOutput("json").Save();
        using var two = On(state, simulator, "two").WithOutput("json").Save();

        Assert.Equal((ExitCode.Done, true), Ended(await one.RunAsync()));
        simulator.Publish(3);
        simulator.Withdraw(Id(simulator, 2));
        Assert.Equal((ExitCode.Done, false), Ended(await one.RunAsync()));
        // It has no state of its own and no position: it takes part where the others are, and asks for no page.
        simulator.Requests.Clear();
        Assert.Equal((ExitCode.Done, false), Ended(await two.RunAsync()));
        Assert.Equal(0, simulator.Requests.Count("search"));
        Assert.Equal(FilesOf(one), FilesOf(two));
        Assert.Equal(simulator.CurrentPosition, two.Position);

        simulator.Republish(Id(simulator, 5));
        simulator.Withdraw(Id(simulator, 6));
        simulator.Publish(1);
        Assert.Equal(ExitCode.Done, (await two.RunAsync()).ExitCode);
        Assert.NotEqual(FilesOf(one), FilesOf(two));
        Assert.Equal(ExitCode.Done, (await one.RunAsync()).ExitCode);
        Assert.Equal(FilesOf(one), FilesOf(two));
        Assert.DoesNotContain("by hand", await File.ReadAllTextAsync(one.LogPath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(File.Exists(one.StatePath));
    }

    [Fact]
    public async Task Files_in_a_shared_folder_are_written_once_and_go_on_where_the_other_host_stopped()
    {
        await using var simulator = await StartAsync();
        var state = PostgreSqlServer.Shared.NewState();
        using var one = On(state, simulator, "one").WithOutput("json").Set("integration_raw_json", "shared", "True").Save();
        using var two = On(state, simulator, "two").WithOutput("json").Set("integration_raw_json", "shared", "True");
        two.Set("integration_raw_json", "append_file_location", one.AppendPath("json")).Set("integration_raw_json", "multiple_file_location", one.FilesPath("json")).Save();

        await one.RunAsync();
        var lines = File.ReadAllLines(one.AppendPath("json")).Length;
        simulator.Publish(2);
        var summary = await two.RunAsync();

        Assert.Equal(("raw_json", 2), (summary.Destinations.Single().Id, summary.Destinations.Single().Delivered));
        Assert.Equal(lines + 2, File.ReadAllLines(one.AppendPath("json")).Length);

        // What a run that was killed left in the file is cut off by the next, whichever host that is on.
        simulator.Publish(1);
        using var died = SharedStateStore.Open(PostgreSqlServer.From(state, "one"), TimeProvider.System, step: null);
        await died.BeginRunAsync("died", DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);
        died.Dispose();
        await File.AppendAllTextAsync(one.AppendPath("json"), "{\"torn", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, (await two.RunAsync()).ExitCode);
        Assert.Equal(lines + 3, File.ReadAllLines(one.AppendPath("json")).Length);
        Assert.DoesNotContain("torn", await File.ReadAllTextAsync(one.AppendPath("json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_is_made_on_each_host()
    {
        await using var simulator = await StartAsync();
        var state = PostgreSqlServer.Shared.NewState();
        using var one = On(state, simulator, "one").Feed("centripetal_networks", "output_dir", "feed").Save();
        using var two = On(state, simulator, "two").Feed("centripetal_networks", "output_dir", "feed").Save();

        await one.RunAsync();
        await two.RunAsync();

        Assert.NotEmpty(FilesOf(one));
        Assert.Equal(FilesOf(one), FilesOf(two));
    }

    [Fact]
    public async Task Looking_resetting_and_the_history_know_all_hosts()
    {
        await using var simulator = await StartAsync();
        var state = PostgreSqlServer.Shared.NewState();
        using var one = On(state, simulator, "one").WithOutput("json").Save();
        using var two = On(state, simulator, "two").WithOutput("json").Save();
        await one.RunAsync();
        await two.RunAsync();
        var engine = new IntelligenceEngine(new EngineSettings());

        var list = await engine.GetDestinationsAsync(two.ConfigurationPath, TestContext.Current.CancellationToken);
        Assert.Equal([("raw_json@two", null), ("raw_json@one", "files of host one")], list.Select(one => (one.Id, one.CatchingUp)));
        Assert.Equal(2, engine.GetRuns(one.ConfigurationPath, 10).Count);

        Assert.Equal("raw_json@two", (await engine.ResetDestinationAsync(two.ConfigurationPath, "raw_json", TestContext.Current.CancellationToken)).Id);
        File.Delete(two.AppendPath("json"));
        Assert.Equal(ExitCode.Done, (await two.RunAsync()).ExitCode);
        Assert.Equal(FilesOf(one), FilesOf(two));
    }

    [Fact]
    public async Task While_one_host_works_the_others_end_at_once_with_11_and_say_who_it_is()
    {
        await using var simulator = await StartAsync();
        var state = PostgreSqlServer.Shared.NewState();
        using var one = On(state, simulator, "one").WithOutput("json").Save();
        using var two = On(state, simulator, "two").WithOutput("json").Save();
        using var held = simulator.Hold("search");
        var working = one.RunAsync();
        await held.Reached;

        var refused = await two.RunAsync();
        held.Release();

        Assert.Equal((ExitCode.Locked, Faults.RunLocked), (refused.ExitCode, refused.Fault?.Kind));
        Assert.Contains("phishme one ", refused.Fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("[ERR", await File.ReadAllTextAsync(two.LogPath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await working).ExitCode);
        Assert.Equal(ExitCode.Done, (await two.RunAsync()).ExitCode);
    }

    private static Task<ThreatHqSimulator> StartAsync() => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 40, Seed = 3 }, TestContext.Current.CancellationToken);

    private static Installation On(SharedStateAddress state, ThreatHqSimulator simulator, string host) =>
        new Installation(simulator).Set("state", "connection", state.Connection).Set("state", "host_name", host);

    private static (ExitCode Code, bool Backfill) Ended(RunSummary summary) => (summary.ExitCode, summary.Backfill);

    private static string Id(ThreatHqSimulator simulator, int place) => FormattableString.Invariant($"{simulator.Threats[place].Type[0]}_{simulator.Threats[place].Id}");

    /// <summary>Per-threat files byte for byte; of append files the last line of each live threat, because a host that was not there does not have those before.</summary>
    private static SortedDictionary<string, string> FilesOf(Installation installation)
    {
        var files = installation.OutputFiles();
        foreach (var name in files.Keys.Where(name => name.StartsWith("all.", StringComparison.Ordinal)).ToArray())
        {
            files[name] = string.Join('\n', files[name].Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .GroupBy(line => (line.Contains("\"threatType\":\"MALWARE\"", StringComparison.Ordinal), System.Text.Json.Nodes.JsonNode.Parse(line)!["id"]!.ToString()))
                .Select(lines => lines.Last()).Where(line => !line.Contains("\"deleted\":true", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }

        return files;
    }
}
