using System.Globalization;
using System.Text.Json.Nodes;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class MispTests : ProductRunScenarios
{
    private const string Key = "the-authentication-key-of-a-test-0123456789";

    private static readonly string _eventOfA = MispEventRenderer.EventUuid(ThreatId.Parse("m_7", null)).ToString();

    private readonly MispServer _server = new(Key) { Poison = Poison, BadAttribute = "not-valid" };

    protected override ISimulatedProduct Product => _server;

    protected override void MakeReadOnly() => _server.IsReadOnly = true;

    protected override string Section => "integration_misp";

    protected override (string Key, string Value) Secret => ("api_token", Key);

    protected override IEnumerable<string> Held => _server.Events.Values.SelectMany(anEvent => MispServer.Live(anEvent)
        .Where(attribute => (string?)attribute["category"] != "External analysis")
        .Select(attribute => $"{ThreatOf(anEvent)} {attribute["value"]}"));

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]).Select(value => $"{threat} {value}");

    /// <summary>Events are a record of what was: they stay.</summary>
    protected override bool IsKeptForDays => false;

    protected override bool IsWrite(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.StartsWith("/events/", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_has_the_tags_the_level_and_the_distribution_that_were_asked_for()
    {
        Set("distribution", "1");
        Set("tags", "tlp:amber+strict, workflow:state=\"draft\"");
        Api.Publish(A());

        await RunAsync();

        var made = _server.Events[_eventOfA];
        Assert.Equal(("1", "1"), ((string?)made["threat_level_id"], (string?)made["distribution"]));
        string[] tags = [.. made["Tag"]!.AsArray().Select(tag => (string)tag!["name"]!)];
        Assert.Empty(((string[])["tlp:amber+strict", "workflow:state=\"draft\"", "phishme:type=\"malware\""]).Except(tags));
        Assert.Empty(_server.Published);
    }

    [Fact]
    public async Task An_event_that_is_there_already_is_edited()
    {
        Api.Publish(A());
        await RunAsync();
        File.Delete(Installation.StatePath);
        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));
        Installation.Save();

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(Server.Requests, request => request.Path == $"/events/edit/{_eventOfA}");
        AssertHeld(Expected("m_7", LabelA, [.. ValuesA, "third.example"]));
    }

    [Fact]
    public async Task A_lowest_impact_leaves_phishing_pages_in_because_they_are_not_rated()
    {
        Set("minimum_impact", "major");
        Api.Publish(Phish(9, "page.example", "A page"));

        await RunAsync();

        Assert.Contains("p_9 http://page.example/index.html", Held);
    }

    [Fact]
    public async Task What_leaves_a_threat_is_marked_as_deleted_also_when_another_threat_carries_it()
    {
        PublishAll();
        await RunAsync();
        Api.Publish(Malware(7, LabelA, "203.0.113.45").At(DateTimeOffset.UtcNow));

        await RunAsync();

        AssertHeld([.. Expected("m_7", LabelA, ["203.0.113.45"]), .. OfB, .. OfP]);
        var gone = MispServer.Attributes(_server.Events[_eventOfA]).Single(attribute => (string?)attribute["value"] == "evil.example");
        Assert.Equal((true, false), ((bool)gone["deleted"]!, (bool)gone["to_ids"]!));
    }

    [Fact]
    public async Task Each_edit_is_strictly_newer_also_within_a_second_and_when_the_server_is_ahead()
    {
        Api.Publish(A());
        await RunAsync();
        var made = _server.Events[_eventOfA];
        var ahead = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        made["timestamp"] = ahead.ToString(CultureInfo.InvariantCulture);
        foreach (var round in Enumerable.Range(1, 3))
        {
            Api.Publish(A([.. Enumerable.Range(1, round).Select(n => FormattableString.Invariant($"more{n}.example"))]).At(DateTimeOffset.UtcNow));
            Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
            Assert.Equal((ahead + round).ToString(CultureInfo.InvariantCulture), (string?)made["timestamp"]);
        }

        AssertHeld(Expected("m_7", LabelA, [.. ValuesA, "more1.example", "more2.example", "more3.example"]));
    }

    [Fact]
    public async Task What_an_analyst_added_to_an_event_is_left_alone()
    {
        Api.Publish(A());
        await RunAsync();
        var theirs = new JsonObject
        {
            ["uuid"] = Guid.NewGuid().ToString(),
            ["type"] = "domain",
            ["category"] = "Network activity",
            ["value"] = "theirs.example",
            ["timestamp"] = "1",
            ["to_ids"] = true,
            ["deleted"] = false,
            ["comment"] = "",
        };
        _server.Events[_eventOfA]["Attribute"]!.AsArray().Add((JsonNode)theirs);
        Api.Withdraw("m_7");

        await RunAsync();

        AssertHeld(["m_7 theirs.example"]);
        Assert.StartsWith("[withdrawn] ", (string?)_server.Events[_eventOfA]["info"], StringComparison.Ordinal);
        Api.Restore("m_7");
        await RunAsync();
        AssertHeld([.. OfA, "m_7 theirs.example"]);
        Assert.StartsWith(LabelA, (string?)_server.Events[_eventOfA]["info"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_was_deleted_for_good_is_one_dead_letter_and_the_others_go_on()
    {
        PublishAll();
        await RunAsync();
        _server.Delete(_eventOfA);
        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example", "third.example").At(DateTimeOffset.UtcNow));

        var summary = await RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.Destinations[0].Rejected));
        AssertHeld([.. Expected("m_8", "", ["evil.example", "second.example", "third.example"]), .. OfP]);
    }

    [Fact]
    public async Task An_attribute_that_misp_refuses_is_a_warning_and_the_event_is_there()
    {
        Api.Publish(Malware(8, "Eighth", "evil.example", "not-valid.example"));

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, words => words.Contains("m_8", StringComparison.Ordinal) && words.Contains("not valid", StringComparison.Ordinal));
        AssertHeld(["m_8 evil.example"]);
    }

    [Fact]
    public async Task Events_are_published_when_asked_for_and_a_missing_right_is_a_warning()
    {
        Set("publish", "True");
        PublishAll();
        await RunAsync();
        Assert.Equal(3, _server.Published.Count);
        _server.MayPublish = false;
        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, warning => warning.Contains("publish", StringComparison.Ordinal));
        Assert.False((bool)_server.Events[_eventOfA]["published"]!);
    }

    [Fact]
    public async Task No_value_correlates_in_more_events_than_share_the_host()
    {
        foreach (var number in Enumerable.Range(1, 60))
        {
            Api.Publish(Malware(number, "The same label", FormattableString.Invariant($"host{number}.example"), "seen@sender.example"));
        }

        Set("include_corollary", "True");
        await RunAsync();

        var correlating = _server.Events.Values
            .SelectMany(anEvent => MispServer.Live(anEvent).Where(attribute => (bool?)attribute["disable_correlation"] != true).Select(attribute => (string)attribute["value"]!).Distinct())
            .CountBy(value => value);
        Assert.Equal(60, _server.Events.Count);
        Assert.All(correlating, value => Assert.Equal(1, value.Value));
        Assert.NotEmpty(correlating);
    }

    private static string ThreatOf(JsonObject anEvent) => ((string)anEvent["info"]!).Split('(')[^1].TrimEnd(')');
}
