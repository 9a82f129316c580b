using System.Globalization;
using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class AnomaliThreatStreamTests : ProductRunScenarios
{
    private const string Key = "the-key-of-a-test-0123456789";

    private readonly ThreatStreamService _service = new("analyst", Key) { Poison = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_anomali_threatstream";

    protected override (string Key, string Value) Secret => ("api_token", Key);

    protected override IEnumerable<(string Key, string Value)> Settings => [("user", "analyst")];

    protected override IEnumerable<string> Held => _service.Observables.Where(pair => EndOf(pair.Value) > DateTimeOffset.UtcNow).Select(pair => $"{pair.Key.Itype} {pair.Key.Value}");

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) => values.SelectMany(value =>
        value == Md5 ? (IEnumerable<string>)[$"mal_md5 {value}", $"mal_md5 {Sha1}", $"mal_md5 {Sha256}"]
        : value.Contains("://", StringComparison.Ordinal) ? [$"c2_url {value}"]
        : char.IsAsciiDigit(value[0]) ? [$"c2_ip {value}"]
        : [$"c2_domain {value}"]);

    protected override bool IsKeptForDays => false;

    [Fact]
    [Trait("Case", "T10")]
    public async Task An_observable_says_what_it_is_how_bad_and_until_when()
    {
        PublishAll();

        await RunAsync();

        var domain = _service.Observables[("c2_domain", "second.example")];
        Assert.Equal(("very-high", 100, "private"), ((string?)domain["severity"], (int)domain["confidence"]!, (string?)domain["classification"]));
        Assert.Equal(["PhishMe", "m_8", "Sample", "C2", "Major"], domain["tags"]!.AsArray().Select(tag => (string?)tag!["name"]));
        Assert.Equal(90, (EndOf(domain) - DateTimeOffset.UtcNow.AddDays(-1)).TotalDays, 0.1);
        Assert.Equal(0, _service.Dropped);
    }

    [Fact]
    public async Task By_role_the_type_says_what_the_value_does()
    {
        Set("itype_mode", "role");
        PublishAll();

        await RunAsync();

        Assert.Contains(("phish_url", "http://phish.example/index.html"), _service.Observables.Keys);
        Assert.Contains(("c2_domain", "second.example"), _service.Observables.Keys);
    }

    [Fact]
    [Trait("Case", "T01")]
    public async Task What_was_accepted_and_dropped_is_a_warning()
    {
        _service.KeepsNothing = true;
        PublishAll();

        var clock = new SteppedTime();
        var run = Installation.RunAsync(products: [Adapter], clock: clock);
        while (!run.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(10, Stop);
        }

        var summary = await run;

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, warning => warning.Contains("are not there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_import_waits_for_approval_and_holds_each_value_once()
    {
        Set("mode", "import");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        string[] values = [.. _service.Imports.SelectMany(import => import).Distinct().Order(StringComparer.Ordinal)];
        string[] expected = [.. ValuesA, Sha1, Sha256, "second.example", "http://phish.example/index.html", "phish.example"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), values);
        Assert.Empty(_service.Observables);
    }

    private static DateTimeOffset EndOf(JsonObject observable) =>
        DateTimeOffset.Parse((string)observable["expiration_ts"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
