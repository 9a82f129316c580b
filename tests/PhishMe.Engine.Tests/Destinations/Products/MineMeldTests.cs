using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>Indicators pushed to a node of MineMeld.</summary>
public sealed class MineMeldTests : ProductRunScenarios
{
    private const string Password = "the-password-of-a-test-0123456789";

    private readonly MineMeldService _service = new("admin", Password, "phishme") { Poison = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_paloalto_minemeld";

    protected override (string Key, string Value) Secret => ("pass", Password);

    protected override IEnumerable<(string Key, string Value)> Settings => [("mode", "localdb"), ("user", "admin"), ("node", "phishme"), ("minimum_impact", "none")];

    protected override IEnumerable<string> Held => _service.Entries.Keys.Select(entry => $"{entry.Type} {entry.Value}");

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) => values.SelectMany(value =>
        value == Md5 ? (IEnumerable<string>)[$"md5 {Md5}", $"sha1 {Sha1}", $"sha256 {Sha256}"]
        : value.Contains("://", StringComparison.Ordinal) ? [$"URL {value}"]
        : char.IsAsciiDigit(value[0]) ? [$"IPv4 {value}"]
        : [$"domain {value}"]);

    [Fact]
    public async Task An_entry_says_how_sure_it_is_where_it_comes_from_and_how_long_it_lives()
    {
        Api.Publish(A());

        await RunAsync();

        Assert.Equal(
            """{"indicator":"evil.example","type":"domain","ttl":7776000,"confidence":100,"share_level":"yellow","comment":"m_7, C2, Sample"}""",
            _service.Entries[("domain", "evil.example")].ToJsonString());
    }

    [Fact]
    public async Task A_node_that_does_not_exist_is_a_wrong_setting_and_nothing_is_lost()
    {
        Set("node", "other");
        Api.Publish(A());

        var summary = await RunAsync();

        Assert.Equal("DestinationMisconfigured", summary.Fault?.Kind.Id);
        Assert.Contains("other", summary.Fault!.Message, StringComparison.Ordinal);
        Set("node", "phishme");
        await RunAsync();
        AssertHeld(OfA);
    }
}
