using System.Globalization;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class TaxiiServerTests : ProductRunScenarios
{
    private const string Collection = "the collection/of tests";
    private const string User = "writer";
    private const string Password = "the-password-of-a-writer-0123456789";

    private readonly TaxiiReceiver _server = new("api1", Uri.EscapeDataString(Collection))
    {
        UserAndPassword = $"{User}:{Password}",
        Poison = Poison,
        MaximumLength = 20_000,
    };

    protected override ISimulatedProduct Product => _server;

    protected override void MakeReadOnly() => _server.IsReadOnly = true;

    protected override string Section => "integration_taxii";

    protected override (string Key, string Value) Secret => ("pass", Password);

    protected override IEnumerable<(string Key, string Value)> Settings => [("user", User), ("api_root", "/api1/"), ("collection", Collection)];

    protected override IEnumerable<string> Held => _server.Live;

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]);

    [Fact]
    public async Task Envelopes_are_no_larger_than_the_server_says()
    {
        foreach (var threat in Enumerable.Range(1, 40))
        {
            Api.Publish(Malware(threat, "Many", Enumerable.Range(0, 5).Select(n => string.Create(CultureInfo.InvariantCulture, $"host{n}.of{threat}.example"))));
        }

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        Assert.Equal(200, Held.Count());
        Assert.All(Server.Requests, request => Assert.True(request.Body.Length <= 20_000));
        Assert.Equal(40, _server.Of("report").Count());
    }

    [Fact]
    public async Task An_object_that_is_too_large_alone_is_a_dead_letter_and_the_others_arrive()
    {
        var large = Malware(1, "Long", ["short.example"]);
        large["executiveSummary"] = new string('a', 30_000);
        Api.Publish(large);
        Api.Publish(Malware(2, "Short", ["other.example"]));

        var summary = await RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Equal(["other.example", "short.example"], Held.Order());
    }

    [Fact]
    public async Task Without_reports_there_are_indicators_alone()
    {
        Set("reports", "False");
        PublishAll();

        await RunAsync();

        Assert.Equal(["identity", "indicator", "marking-definition"], _server.Objects.Values.Select(item => (string)item["type"]!).Distinct().Order());
        Assert.All(_server.Of("indicator"), item => Assert.Null(item["x_opencti_score"]));
    }

    [Fact]
    public async Task A_withdrawal_is_a_later_version_that_is_revoked_and_whose_validity_ends()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_8");

        await RunAsync();

        var revoked = Assert.Single(_server.Of("indicator"), item => (bool?)item["revoked"] == true);
        Assert.Equal("second.example", (string?)revoked["name"]);
        Assert.True((DateTimeOffset)revoked["valid_until"]! <= DateTimeOffset.UtcNow);
        Assert.True((DateTimeOffset)revoked["modified"]! > (DateTimeOffset)revoked["created"]!);
    }
}
