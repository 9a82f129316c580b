using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class ElasticsearchTests : ProductRunScenarios
{
    private const string Token = "dGhlLWtleTpvZi1hLXRlc3QtMDEyMzQ1Njc4OQ==";
    private const string Alias = "ti-phishme";

    private readonly ElasticCluster _cluster = new($"ApiKey {Token}") { Poison = Poison };

    protected override ISimulatedProduct Product => _cluster;

    protected override void MakeReadOnly() => _cluster.IsReadOnly = true;

    protected override string Section => "integration_elasticsearch";

    protected override (string Key, string Value) Secret => ("api_key", Token);

    protected override IEnumerable<(string Key, string Value)> Settings => [("index", Alias)];

    protected override IEnumerable<string> Held => _cluster.Documents.Select(document => $"{document["phishme"]!["threat_id"]} {document["threat"]!["indicator"]!["name"]}");

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]).Select(value => $"{threat} {value}");

    protected override bool IsWrite(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path == "/_bulk";
    }

    [Fact]
    public async Task A_document_has_what_indicator_match_rules_read()
    {
        Api.Publish(A());

        await RunAsync();

        foreach (var document in _cluster.Documents)
        {
            Assert.Equal(("enrichment", "threat", "indicator", "ti_phishme"), (
                (string?)document["event"]!["kind"], (string?)document["event"]!["category"]![0], (string?)document["event"]!["type"]![0], (string?)document["event"]!["module"]));
            Assert.InRange(DateTimeOffset.UtcNow - (DateTimeOffset)document["@timestamp"]!, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
        }

        var url = Indicator("http://evil.example/a.exe?x=1")["url"]!;
        Assert.Equal(("http://evil.example/a.exe?x=1", "http://evil.example/a.exe?x=1", "evil.example"), ((string?)url["full"], (string?)url["original"], (string?)url["domain"]));
        Assert.Equal("203.0.113.45", (string?)Indicator("203.0.113.45")["ip"]);
        Assert.Equal("evil.example", (string?)Indicator("evil.example")["url"]!["domain"]);
        Assert.Equal(Md5, (string?)Indicator(Md5)["file"]!["hash"]!["md5"]);
        Assert.Equal(("High", "AMBER"), ((string?)Indicator(Md5)["confidence"], (string?)Indicator(Md5)["marking"]!["tlp"]));
    }

    [Fact]
    public async Task After_a_rollover_a_changed_document_is_there_once_and_a_withdrawn_one_nowhere()
    {
        _cluster.RollOver(Alias, "ti-phishme-000001");
        PublishAll();
        await RunAsync();
        _cluster.RollOver(Alias, "ti-phishme-000002");
        Api.Publish(Malware(7, "Seventh with another name", [.. ValuesA.SkipLast(1), "third.example"]).WithFile());
        Api.Withdraw("m_8");

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        AssertHeld([.. Expected("m_7", LabelA, [.. ValuesA, "third.example"]), .. OfP]);
        Assert.Equal(["m_7 third.example"], _cluster.Indices["ti-phishme-000002"].Values.Select(document => $"{document["phishme"]!["threat_id"]} {document["threat"]!["indicator"]!["name"]}"));
        Assert.All(_cluster.Documents.Where(document => (string?)document["phishme"]!["threat_id"] == "m_7"), document =>
            Assert.Equal("Seventh with another name", (string?)document["phishme"]!["label"]));
    }

    [Fact]
    public async Task A_run_that_was_killed_before_a_rollover_leaves_no_second_copy()
    {
        _cluster.RollOver(Alias, "ti-phishme-000001");
        PublishAll();
        Installation? killed = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await Installation.RunAsync(products: [Adapter], stop: stop, step: name =>
        {
            if (name == "http-sent" && killed is null)
            {
                killed = Installation.Copy();
                stop.Cancel();
            }
        });
        _cluster.RollOver(Alias, "ti-phishme-000002");

        using var next = killed!;
        Assert.Equal(ExitCode.Done, (await next.RunAsync(products: [Adapter])).ExitCode);

        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_data_stream_is_refused_with_the_key_to_change()
    {
        await using var server = await ProductServer.StartAsync(new ElasticCluster($"ApiKey {Token}") { DataStream = Alias });
        Set("host_with_protocol", server.Address.ToString());
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationMisconfigured), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Contains("index", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, IsWrite);
        Assert.NotEqual(0, summary.Destinations[0].Waiting);
    }

    [Fact]
    public async Task An_item_that_the_cluster_is_too_busy_for_comes_again_and_the_others_are_there()
    {
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example", "third.example"));
        _cluster.TooBusyFor.Add(1);

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, 1L), (summary.ExitCode, summary.Destinations[0].Waiting));
        Assert.Equal(2, Held.Count());
        await Installation.RunAsync(products: [Adapter], clock: new Later(TimeSpan.FromMinutes(1)));
        AssertHeld(Expected("m_8", "", ["evil.example", "second.example", "third.example"]));
    }

    [Fact]
    public async Task A_full_disk_stops_the_destination_and_makes_no_dead_letter()
    {
        PublishAll();
        _cluster.IsBlocked = true;

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Contains("flood-stage", summary.Fault!.Message, StringComparison.Ordinal);
        _cluster.IsBlocked = false;
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_mapping_that_refuses_everything_stops_the_destination_and_makes_no_dead_letter()
    {
        await using var server = await ProductServer.StartAsync(new ElasticCluster($"ApiKey {Token}") { Poison = "event" });
        Set("host_with_protocol", server.Address.ToString());
        foreach (var threat in Enumerable.Range(1, 40))
        {
            Api.Publish(Malware(threat, "Many", Enumerable.Range(0, 5).Select(n => FormattableString.Invariant($"host{n}.of{threat}.example"))));
        }

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.InRange(server.Requests.Count(IsWrite), 1, 12);
    }

    [Fact]
    public async Task What_is_still_valid_gets_a_new_time_before_rules_stop_looking_at_it()
    {
        Set("retention_days", "90");
        PublishAll();
        await RunAsync();
        var requests = Server.Count;

        await Installation.RunAsync(products: [Adapter], clock: new Later(TimeSpan.FromDays(26)));

        AssertHeld([.. OfA, .. OfB, .. OfP]);
        Assert.Equal(requests + 1, Server.Count);
        Assert.All(_cluster.Documents, document => Assert.True((DateTimeOffset)document["@timestamp"]! > DateTimeOffset.UtcNow.AddDays(25)));
        await Installation.RunAsync(products: [Adapter], clock: new Later(TimeSpan.FromDays(27)));
        Assert.Equal(requests + 1, Server.Count);
    }

    [Fact]
    public async Task What_is_over_is_removed_and_what_was_over_before_never_comes()
    {
        Set("retention_days", "30");
        Api.Publish(Malware(7, "Recent", "recent.example").At(DateTimeOffset.UtcNow.AddDays(-1)));
        Api.Publish(Malware(8, "Old", "old.example").At(DateTimeOffset.UtcNow.AddDays(-31)));
        await RunAsync();
        AssertHeld(["m_7 recent.example"]);

        await Installation.RunAsync(products: [Adapter], clock: new Later(TimeSpan.FromDays(30)));

        Assert.Empty(Held);
    }

    [Fact]
    public async Task A_template_is_installed_on_request_before_the_first_write_and_one_of_others_is_left_alone()
    {
        PublishAll();
        await RunAsync();
        Assert.Empty(_cluster.Templates);
        Set("index_template", "True");
        Api.Publish(A("third.example"));

        await RunAsync();

        var template = Assert.Single(_cluster.Templates);
        Assert.Equal((Alias, "ip"), (
            (string?)template.Value["index_patterns"]![0], (string?)template.Value["template"]!["mappings"]!["properties"]!["threat"]!["properties"]!["indicator"]!["properties"]!["ip"]!["type"]));
        Assert.Null(template.Value["data_stream"]);
        Assert.True((int)template.Value["priority"]! > 500);
    }

    [Fact]
    public async Task A_template_of_someone_else_stops_the_destination()
    {
        _cluster.AddTemplateOfOther($"phishme-{Alias}");
        Set("index_template", "True");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal(Faults.DestinationMisconfigured, summary.Fault?.Kind);
        Assert.Null(_cluster.Templates.Single().Value["priority"]);
    }

    [Fact]
    public async Task User_and_password_are_taken_instead_of_a_key()
    {
        const string Password = "the-password-of-a-test";
        await using var server = await ProductServer.StartAsync(new ElasticCluster($"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"feeder:{Password}"))}"));
        Installation.Set(Section, "api_key", "").Set(Section, "user", "feeder").Set(Section, "pass", Password).Set(Section, "host_with_protocol", server.Address.ToString()).Save();
        PublishAll();

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
    }

    private JsonNode Indicator(string name) =>
        _cluster.Documents.Single(document => (string?)document["threat"]!["indicator"]!["name"] == name)["threat"]!["indicator"]!;

    /// <summary>The system's clock, some time on.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
