using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class PhantomTests : ProductRunScenarios
{
    private const string Token = "the-token-of-a-test-0123456789";

    private readonly SoarService _service = new(Token) { Poison = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_phantom";

    protected override (string Key, string Value) Secret => ("api_token", Token);

    protected override IEnumerable<string> Held => _service.Containers.Where(container => container.Status != "closed").SelectMany(container => container.Artifacts
        .Select(artifact => $"{container.Identifier} {ValueOf(artifact)}").Prepend($"{container.Identifier} {container.Description.Split('\n')[0]}"));

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.Append("threat").Select(value => $"{threat} {value}").Prepend($"{threat} {label.Split('\n')[0]}");

    protected override bool IsKeptForDays => false;

    /// <summary>A token cannot delete artifacts.</summary>
    protected override IEnumerable<string> StaysOfFallen => ["m_7 evil.example", "m_7 203.0.113.45"];

    [Fact]
    public async Task A_new_container_comes_with_its_artifacts_and_playbooks_run_once()
    {
        PublishAll();

        await RunAsync();

        Assert.All(_service.Containers, container => Assert.Equal(1, container.Runs));
        Assert.Equal(["threat_7", "threat_8", "threat_7"], _service.Containers.Select(container => container.Name));
        var file = _service.Containers[0].Artifacts.Single(artifact => artifact["cef"]!["fileHashMd5"] is not null);
        Assert.Equal((Sha256, "invoice.docm", "high"), ((string?)file["cef"]!["fileHashSha256"], (string?)file["cef"]!["fileName"], (string?)file["severity"]));
        Assert.Equal(["hash", "md5"], file["cef_types"]!["fileHashMd5"]!.AsArray().Select(type => (string?)type));
        Assert.Equal("Threat Artifact", (string?)_service.Containers[0].Artifacts[^1]["name"]);
    }

    [Fact]
    [Trait("Case", "T06")]
    public async Task The_flag_is_on_the_last_artifact_that_is_really_new()
    {
        PublishAll();
        await RunAsync();
        var before = _service.Containers[0].Artifacts.Count;
        Api.Publish(A("third.example", "fourth.example").At(DateTimeOffset.UtcNow));

        await RunAsync();

        var added = _service.Containers[0].Artifacts.Skip(before).ToList();
        Assert.Equal(["third.example", "fourth.example"], added.Select(ValueOf));
        Assert.Equal([false, true], added.Select(artifact => (bool)artifact["run_automation"]!));
        Assert.Equal(2, _service.Containers[0].Runs);
    }

    [Fact]
    [Trait("Case", "T06")]
    public async Task Nothing_new_posts_nothing_and_runs_nothing()
    {
        PublishAll();
        await RunAsync();
        var posts = Server.Requests.Count(IsWrite);
        var changed = A();
        changed["executiveSummary"] = "Another text";

        Api.Publish(changed.At(DateTimeOffset.UtcNow));
        await RunAsync();

        Assert.Equal(posts, Server.Requests.Count(IsWrite));
        Assert.Equal(1, _service.Containers[0].Runs);
    }

    [Fact]
    public async Task Without_automation_no_playbook_runs()
    {
        Set("run_automation", "none");
        PublishAll();

        await RunAsync();

        AssertHeld([.. OfA, .. OfB, .. OfP]);
        Assert.All(_service.Containers, container => Assert.Equal(0, container.Runs));
    }

    [Fact]
    public async Task A_post_of_an_artifact_whose_answer_is_lost_is_not_repeated_blindly()
    {
        PublishAll();
        await RunAsync();
        Api.Publish(A("third.example", "fourth.example").At(DateTimeOffset.UtcNow));
        Server.Next(_ => null); // Which artifacts are there.
        Server.CutAfterNext();

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Single(_service.Containers[0].Artifacts, artifact => ValueOf(artifact) == "third.example");
        Assert.Equal(2, _service.Containers[0].Runs);
    }

    [Fact]
    public async Task A_withdrawn_threat_is_a_closed_container_that_keeps_the_tags_of_analysts()
    {
        PublishAll();
        await RunAsync();
        _service.Containers[0].Tags.Add("seen");
        Api.Withdraw("m_7");

        await RunAsync();

        Assert.Equal("closed", _service.Containers[0].Status);
        Assert.Equal(["phishme_withdrawn", "seen"], _service.Containers[0].Tags.Order(StringComparer.Ordinal));
        Api.Restore("m_7");
        await RunAsync();
        Assert.Equal("open", _service.Containers[0].Status);
        Assert.Equal(["seen"], _service.Containers[0].Tags);
    }

    [Fact]
    public async Task A_label_that_does_not_exist_stops_the_destination()
    {
        Set("label", "nowhere");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Empty(_service.Containers);
    }

    private static string ValueOf(System.Text.Json.Nodes.JsonObject artifact)
    {
        var cef = artifact["cef"]!;
        return (string?)(cef["destinationDnsDomain"] ?? cef["destinationAddress"] ?? cef["requestURL"] ?? cef["fileHashMd5"]) ?? "threat";
    }
}
