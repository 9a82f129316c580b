using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class ThreatQuotientTests : ProductRunScenarios
{
    private const string Password = "the-password-of-a-test";

    private readonly ThreatQService _service = new("analyst@example.org", Password, "client") { Poison = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_threatquotient";

    protected override (string Key, string Value) Secret => ("pass", Password);

    protected override IEnumerable<(string Key, string Value)> Settings => [("user", "analyst@example.org"), ("client_id", "client")];

    protected override IEnumerable<string> Held =>
    [
        .. _service.Events.Select(posted => $"event {posted["title"]}"),
        .. _service.Indicators.Where(indicator => indicator.Value.Status == "Active").Select(indicator => $"{indicator.Key.Type} {indicator.Key.Value}"),
    ];

    protected override IEnumerable<string> StaysOfWithdrawn => [$"event {LabelA} (m_7)"];

    protected override IEnumerable<string> StaysOfPoisoned => ["event Ninth (m_9)"];

    protected override bool IsWrite(ProductRequest request) => request.Method != "GET" && request.Path != "/api/token";

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
    [
        $"event {label} ({threat})",
        .. values.SelectMany(value =>
            value == Md5 ? (IEnumerable<string>)[$"MD5 {value}", $"SHA-1 {Sha1}", $"SHA-256 {Sha256}"]
            : value.Contains("://", StringComparison.Ordinal) ? [$"URL {value}"]
            : char.IsAsciiDigit(value[0]) ? [$"IP Address {value}"]
            : [$"FQDN {value}"]),
    ];

    [Fact]
    [Trait("Case", "T25")]
    public async Task A_token_that_ends_between_batches_and_between_runs_is_renewed_and_nothing_is_there_twice()
    {
        Set("batch_size", "2");
        PublishAll();
        var consumed = 0;
        Server.Always(request =>
        {
            if (request.Path == "/api/indicators/consume" && ++consumed == 2)
            {
                _service.EndTokens();
            }

            return null;
        });

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        Assert.Equal(2, _service.TokenRequests);
        AssertHeld([.. OfA, .. OfB, .. OfP]);
        Assert.All(_service.Indicators.Values, indicator => Assert.Equal(indicator.Attributes.Distinct(), indicator.Attributes));

        _service.EndTokens();
        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        Assert.Equal(3, _service.TokenRequests);
    }

    [Fact]
    public async Task An_attribute_is_never_added_a_second_time()
    {
        PublishAll();
        await RunAsync();
        var attributes = _service.Indicators[("FQDN", "evil.example")].Attributes;
        Assert.Contains(("Threat ID", "m_7"), attributes);
        Assert.Contains(("Threat ID", "m_8"), attributes);
        Assert.Contains(("Malware Family", "Sample"), attributes);
        var count = attributes.Count;

        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));
        await RunAsync();
        Api.Republish("m_8");
        await RunAsync();

        Assert.All(_service.Indicators.Values, indicator => Assert.Equal(indicator.Attributes.Distinct(), indicator.Attributes));
        Assert.Equal(count, attributes.Count);
    }

    [Fact]
    [Trait("Case", "T19")]
    public async Task Each_value_goes_out_once_per_request_and_with_a_status()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_8");
        await RunAsync();

        Assert.All(Server.Requests.Where(request => request.Path == "/api/indicators/consume"), request =>
        {
            var items = System.Text.Json.Nodes.JsonNode.Parse(request.Text)!.AsArray();
            Assert.Equal(items.Count, items.Select(item => (string?)item!["value"]).Distinct().Count());
            Assert.All(items, item => Assert.NotNull(item!["status_id"]));
        });
        Assert.Equal(("Active", "Expired"), (_service.Indicators[("FQDN", "evil.example")].Status, _service.Indicators[("FQDN", "second.example")].Status));
    }

    [Fact]
    [Trait("Case", "T19")]
    public async Task A_status_that_analysts_protect_is_no_failure_and_is_said()
    {
        _service.AddProtected("FQDN", "evil.example", "Whitelisted");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Contains(summary.Warnings, warning => warning.Contains("decided otherwise", StringComparison.Ordinal));
        Assert.Equal("Whitelisted", _service.Indicators[("FQDN", "evil.example")].Status);
    }

    [Fact]
    public async Task A_status_that_ThreatQ_does_not_have_stops_the_destination()
    {
        Set("status", "Aktive");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationMisconfigured), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Contains("status in [integration_threatquotient]", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.Empty(Held);
    }
}
