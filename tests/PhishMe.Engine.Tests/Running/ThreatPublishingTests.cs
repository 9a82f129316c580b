using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Running;
using PhishMe.Engine.Running.Publishing;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Destinations;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Threats published to one destination by hand: they arrive, and the next run does not deliver them a second time.</summary>
public sealed class ThreatPublishingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("json", "")]
    [InlineData("cef", "api")]
    [InlineData("cef", "local")]
    [InlineData("stix", "api")]
    [InlineData("stix", "local")]
    public async Task A_file_output_has_what_was_published_and_the_next_run_does_not_add_it_again(string format, string source)
    {
        await using var simulator = await StartAsync(12);
        using var installation = new Installation(simulator).WithOutput(format, files: false);
        if (source.Length > 0)
        {
            installation.Set($"integration_raw_{format}", "source", source);
        }

        Assert.Null((await installation.Save().RunAsync()).Fault);
        var before = File.ReadAllText(installation.AppendPath(format));
        var added = simulator.Publish(3);

        var result = await PublishAsync(installation, $"raw_{format}", [.. added.Select(key => Threat(simulator, key))]);

        Assert.Equal((null, 3), (result.Fault?.ToString(), result.Threats.Count(threat => threat.Outcome == PublishOutcome.Delivered)));
        var published = File.ReadAllText(installation.AppendPath(format));
        Assert.True(published.Length > before.Length);
        Assert.StartsWith(before, published, StringComparison.Ordinal);
        var summary = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 3, 0, 3), (summary.ExitCode, summary.Received, summary.Destinations[0].Delivered, summary.Destinations[0].Unchanged));
        Assert.Equal(published, File.ReadAllText(installation.AppendPath(format)));
    }

    [Fact]
    public async Task A_collector_gets_each_event_once_and_other_destinations_get_theirs_from_the_run()
    {
        await using var simulator = await StartAsync(6);
        await using var collector = new LoopbackCollector();
        using var installation = new Installation(simulator).WithOutput("cef", files: false).WithSyslog(collector.Endpoint, ("source", "local")).Save();
        Assert.Null((await installation.RunAsync()).Fault);
        var added = simulator.Publish(2);
        var inFile = File.ReadAllLines(installation.AppendPath("cef")).Length;
        Assert.Equal(inFile, collector.Events.Count);

        var result = await PublishAsync(installation, "syslog@raw_cef", [.. added.Select(key => Threat(simulator, key))]);

        Assert.All(result.Threats, threat => Assert.Equal(PublishOutcome.Delivered, threat.Outcome));
        Assert.Equal(inFile + result.Threats.Sum(threat => threat.Items), collector.Events.Count);
        Assert.Equal(inFile, File.ReadAllLines(installation.AppendPath("cef")).Length);
        Assert.Null((await installation.RunAsync()).Fault);
        Assert.Equal(File.ReadAllLines(installation.AppendPath("cef")), collector.Events);
    }

    [Fact]
    public async Task Before_the_first_run_the_state_is_made_and_that_run_leaves_out_what_was_published()
    {
        await using var simulator = await StartAsync(8);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Save();

        var result = await PublishAsync(installation, "RAW_JSON", [.. simulator.Threats.Take(3).Select(key => Threat(simulator, key))]);

        Assert.All(result.Threats, threat => Assert.Equal(("raw_json", PublishOutcome.Delivered), (threat.Destination, threat.Outcome)));
        var summary = await installation.RunAsync();
        Assert.Equal((5, 3), (summary.Destinations[0].Delivered, summary.Destinations[0].Unchanged));
        Assert.Equal(8, File.ReadAllLines(installation.AppendPath("json")).Distinct().Count());
        Assert.Equal(8, File.ReadAllLines(installation.AppendPath("json")).Length);
    }

    [Fact]
    public async Task A_destination_that_the_state_does_not_know_still_catches_up_with_everything_else()
    {
        await using var simulator = await StartAsync(8);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Save();
        Assert.Null((await installation.RunAsync()).Fault);
        installation.WithOutput("stix", files: false).Set("integration_raw_stix", "source", "local").Save(installation.Position);

        var result = await PublishAsync(installation, "raw_stix", [.. simulator.Threats.Take(2).Select(key => Threat(simulator, key))]);

        Assert.Equal(2, result.Threats.Count(threat => threat.Outcome == PublishOutcome.Delivered));
        var summary = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 6), (summary.ExitCode, summary.Destinations.Single(one => one.Id == "raw_stix").Delivered));
    }

    [Fact]
    public async Task While_a_run_holds_the_lock_nothing_is_published()
    {
        await using var simulator = await StartAsync(3);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Save();
        Assert.Null((await installation.RunAsync()).Fault);
        var before = File.ReadAllBytes(installation.AppendPath("json"));
        var added = simulator.Publish(1)[0];
        using (RunLock.TryTake(installation.LockPath, "test", DateTimeOffset.UtcNow))
        {
            var failure = await Assert.ThrowsAsync<PhishMeException>(() => PublishAsync(installation, "raw_json", [Threat(simulator, added)]));
            Assert.Equal(Faults.RunLocked, failure.Fault.Kind);
        }

        Assert.Equal(before, File.ReadAllBytes(installation.AppendPath("json")));
        Assert.Single((await PublishAsync(installation, "raw_json", [Threat(simulator, added)])).Threats, threat => threat.Outcome == PublishOutcome.Delivered);
    }

    [Fact]
    public async Task With_a_target_that_is_down_the_threats_wait_and_the_next_run_sends_them_once()
    {
        await using var simulator = await StartAsync(5);
        using var installation = Toys(simulator);
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();
        Assert.Null((await installation.RunAsync(products: Products(target))).Fault);
        target.Clear();
        var added = simulator.Publish(2);

        var result = await PublishAsync(installation, "toy_queue", [.. added.Select(key => Threat(simulator, key))], products: Products(target: null));

        Assert.Equal(Faults.OutputFailed, result.Fault?.Kind);
        Assert.All(result.Threats, threat => Assert.Equal((PublishOutcome.Waiting, 1), (threat.Outcome, threat.Items)));
        Assert.Null((await installation.RunAsync(products: Products(target))).Fault);
        Assert.Equal(added.Select(IdOf), target.Select(item => item.Id));
    }

    [Fact]
    public async Task What_the_target_refuses_is_reported_and_becomes_a_dead_letter()
    {
        await using var simulator = await StartAsync(4);
        using var installation = Toys(simulator);
        installation.Set("toy_queue", "refuse", "1").Save();
        var target = new ConcurrentQueue<(DeliveryVerb Verb, string Id)>();

        var result = await PublishAsync(installation, "toy_queue", [.. simulator.Threats.Take(2).Select(key => Threat(simulator, key))], products: Products(target));

        Assert.Equal([PublishOutcome.Rejected, PublishOutcome.Delivered], result.Threats.Select(threat => threat.Outcome));
        Assert.Equal("not wanted", result.Threats[0].Reason);
        using var state = StateStore.Open(installation.StatePath);
        Assert.Equal("toy_queue", Assert.Single(await state.GetDeadLettersAsync(Stop)).Destination.ToString());
        Assert.Null(state.Unfinished);
    }

    [Fact]
    public async Task What_is_unchanged_older_or_withdrawn_since_is_sent_only_with_force()
    {
        await using var simulator = await StartAsync(4);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Save();
        var old = simulator.Threats.Select(key => Threat(simulator, key)).ToArray();
        simulator.Republish(old[1].Id.ToString());
        Assert.Null((await installation.RunAsync()).Fault);
        simulator.Withdraw(old[2].Id.ToString());
        Assert.Null((await installation.RunAsync()).Fault);

        var result = await PublishAsync(installation, "raw_json", old[..3]);

        Assert.Equal([PublishOutcome.Unchanged, PublishOutcome.Skipped, PublishOutcome.Skipped], result.Threats.Select(threat => threat.Outcome));
        Assert.Equal([null, "The destination has a newer version.", "The threat was withdrawn since."], result.Threats.Select(threat => threat.Reason));
        var forced = await PublishAsync(installation, "raw_json", old[..3], force: true);
        Assert.All(forced.Threats, threat => Assert.Equal(PublishOutcome.Delivered, threat.Outcome));
    }

    [Fact]
    public async Task Only_what_runs_follow_is_published_and_a_threat_that_was_given_twice_counts_once()
    {
        await using var simulator = await StartAsync(10);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Set("pm_product", "brand_intelligence", "False").Save();
        var malware = Threat(simulator, simulator.Threats.First(key => key.Type == "malware"));
        var phish = Threat(simulator, simulator.Threats.First(key => key.Type == "phish"));

        var result = await PublishAsync(installation, "raw_json", [malware, phish, malware]);

        Assert.Equal([phish.Id, malware.Id], result.Threats.Select(threat => threat.Id));
        Assert.Equal([PublishOutcome.Skipped, PublishOutcome.Delivered], result.Threats.Select(threat => threat.Outcome));
        Assert.Single(File.ReadAllLines(installation.AppendPath("json")));
    }

    [Theory]
    [InlineData("raw_xml", "DestinationNotFound")]
    [InlineData("toy_list", "DestinationIsRebuilt")]
    public async Task A_destination_that_cannot_be_published_to_is_an_error(string name, string fault)
    {
        await using var simulator = await StartAsync(2);
        using var installation = Toys(simulator);

        var failure = await Assert.ThrowsAsync<PhishMeException>(
            () => PublishAsync(installation, name, [Threat(simulator, simulator.Threats[0])], products: Products(new ConcurrentQueue<(DeliveryVerb Verb, string Id)>())));

        Assert.Equal(fault, failure.Fault.Kind.Id);
        Assert.False(File.Exists(installation.StatePath));
        Assert.False(File.Exists(installation.LockPath));
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_the_file_as_it_was_and_runs_are_not_in_the_history()
    {
        await using var simulator = await StartAsync(3);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Save();
        Assert.Null((await installation.RunAsync()).Fault);
        var before = File.ReadAllText(installation.AppendPath("json"));
        var added = Threat(simulator, simulator.Publish(1)[0]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(
            installation, "raw_json", [added], step: name => _ = name == "state-before-commit" ? throw new InvalidOperationException("killed") : name));

        Assert.Equal(before, File.ReadAllText(installation.AppendPath("json")));
        Assert.Single((await PublishAsync(installation, "raw_json", [added])).Threats, threat => threat.Outcome == PublishOutcome.Delivered);
        using var state = StateStore.Open(installation.StatePath);
        Assert.Single(await state.GetRunSummariesAsync(10, Stop));
    }

    [Fact]
    public async Task Indicators_that_the_new_version_no_longer_has_are_removed_as_in_a_run()
    {
        await using var simulator = await StartAsync(3);
        using var installation = new Installation(simulator).WithOutput("json", files: false).Set("local_sqlite", "use", "True")
            .WithOutput("stix", append: true, files: false).Set("integration_raw_stix", "version", "2.1").Save();
        Assert.Null((await installation.RunAsync()).Fault);
        var key = simulator.Threats.First(one => one.Type == "malware");
        var whole = System.Text.Json.Nodes.JsonNode.Parse(simulator.Json(key.Type, key.Id).Span)!.AsObject();
        whole["blockSet"] = new System.Text.Json.Nodes.JsonArray();
        whole["executableSet"] = new System.Text.Json.Nodes.JsonArray();
        var reduced = ThreatReader.Read(System.Text.Encoding.UTF8.GetBytes(whole.ToJsonString()));
        var before = File.ReadAllText(installation.AppendPath("stix")).Length;

        // The dates of the two versions are the same, so the time of receipt is that of the change.
        var clock = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
        var result = await PublishAsync(installation, "raw_stix", [reduced], clock: clock);

        Assert.Equal(PublishOutcome.Delivered, Assert.Single(result.Threats).Outcome);
        var written = File.ReadAllText(installation.AppendPath("stix"))[before..];
        Assert.Contains("\"revoked\":true", written, StringComparison.Ordinal);
        Assert.Contains("\"modified\":\"2031-05-06T07:08:09.000Z\"", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_has_a_total()
    {
        await using var simulator = await StartAsync(20);
        using var installation = Toys(simulator);
        var told = new ConcurrentQueue<RunProgress>();

        await PublishAsync(
            installation, "toy_queue", [.. simulator.Threats.Select(key => Threat(simulator, key))], products: Products(new ConcurrentQueue<(DeliveryVerb Verb, string Id)>()), progress: new Listener(told.Enqueue));

        Assert.Contains(told, one => one is { Activity: "Threats prepared for toy_queue", Done: 20, Total: 20 });
        Assert.Contains(told, one => one is { Activity: "Items sent to toy_queue", Done: > 0 and < 20, Total: 20 });
    }

    private static Task<PublishResult> PublishAsync(
        Installation installation, string destination, IReadOnlyList<Threat> threats, bool force = false, IReadOnlyList<IProduct>? products = null,
        Action<string>? step = null, IProgress<RunProgress>? progress = null, TimeProvider? clock = null)
    {
        var settings = new EngineSettings
        {
            Version = "1.0.0",
            Clock = clock ?? TimeProvider.System,
            Step = step,
            Products = products ?? ProductCatalogue.All,
            Timings = new ApiTimings { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) },
        };
        var request = new PublishRequest { ConfigurationPath = installation.ConfigurationPath, Destination = destination, Threats = threats, Force = force };
        return new ThreatPublishing(settings, request, progress).RunAsync(Stop);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Stop);

    private static Threat Threat(ThreatHqSimulator simulator, (string Type, long Id) key) => ThreatReader.Read(simulator.Json(key.Type, key.Id));

    private static string IdOf((string Type, long Id) key) => $"{key.Type[0]}_{key.Id}";

    private static Installation Toys(ThreatHqSimulator simulator) => new Installation(simulator)
        .Set("local_sqlite", "use", "True").Set("toy_queue", "use", "True").Set("toy_list", "use", "True").Set("toy_list", "file", "count.txt").Save();

    private static IProduct[] Products(ConcurrentQueue<(DeliveryVerb Verb, string Id)>? target) =>
        [new ToyDestinationTests.ToyQueue(target), new ToyDestinationTests.ToyList()];

    private sealed class Listener(Action<RunProgress> told) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => told(value);
    }
}
