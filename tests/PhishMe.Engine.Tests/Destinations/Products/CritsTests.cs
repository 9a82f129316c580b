using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class CritsTests : ProductRunScenarios
{
    private const string Key = "0123456789abcdef0123456789abcdef01234567";

    private readonly CritsService _crits = new("analyst", Key) { Poison = Poison };

    protected override ISimulatedProduct Product => _crits;

    protected override void MakeReadOnly() => _crits.IsReadOnly = true;

    protected override string Section => "integration_crits";

    protected override (string Key, string Value) Secret => ("api_token", Key);

    protected override IEnumerable<(string Key, string Value)> Settings => [("user", "analyst"), ("source", "PhishMe")];

    protected override IEnumerable<string> Held =>
    [
        .. _crits.Campaigns.Keys.Select(name => $"campaign {name}"),
        .. _crits.Samples.Where(sample => sample.Value.Status != "Deprecated").Select(sample => $"sample {sample.Key}"),
        .. _crits.Indicators.Where(indicator => indicator.Value.Status != "Deprecated").Select(indicator => $"{indicator.Key.Type} {indicator.Key.Value}"),
    ];

    protected override IEnumerable<string> StaysOfWithdrawn => [$"campaign {LabelA} (7)"];

    protected override IEnumerable<string> StaysOfPoisoned => ["campaign Ninth (9)"];

    protected override ProductAnswer RefusalOfAll => ProductAnswer.Json(200, """{"return_code":1,"message":"Unknown source","type":"Indicator"}""");

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
    [
        $"campaign {label} ({(threat[0] == 'm' ? threat[2..] : threat)})",
        .. values.Select(value =>
            value == Md5 ? $"sample {value}"
            : value.Contains("://", StringComparison.Ordinal) ? $"URI {value.ToLowerInvariant()}"
            : char.IsAsciiDigit(value[0]) ? $"IPv4 Address {value}"
            : $"Domain {value}"),
    ];

    [Fact]
    [Trait("Case", "T13")]
    public async Task Each_threat_adds_one_instance_to_the_source_of_its_indicators_and_nothing_else_does()
    {
        PublishAll();
        await RunAsync();
        var before = Instances();
        Assert.Equal(2, _crits.Indicators[("Domain", "evil.example")].Sources["PhishMe"]);

        await RunAsync();
        Api.RepublishUnchanged("m_7");
        await RunAsync();
        Assert.Equal(before, Instances());

        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));
        await RunAsync();
        Assert.Equal(before + 1, Instances());
        Assert.Equal(0, _crits.BeforeTheirCampaign);
    }

    [Fact]
    public async Task What_stands_in_the_fields_is_what_the_original_wrote()
    {
        Api.Publish(A());

        await RunAsync();

        var domain = _crits.Indicators[("Domain", "evil.example")].Fields;
        Assert.Equal(
            ("Malicious Domain", "Phishing", "high", "high", "Seventh (7)", "Command and control location used by malware"),
            (domain["threat_type"], domain["attack_type"], domain["indicator_confidence"], domain["indicator_impact"], domain["campaign"], domain["description"]));
        var sample = _crits.Samples[Md5].Fields;
        Assert.Equal(("invoice.docm", Sha1, Sha256, "metadata"), (sample["filename"], sample["sha1"], sample["sha256"], sample["upload_type"]));
        Assert.Equal("About Seventh", _crits.Campaigns["Seventh (7)"]);
    }

    [Fact]
    public async Task What_others_have_too_keeps_its_status()
    {
        _crits.AddOfOther("Domain", "second.example", "Somebody");
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_8");

        await RunAsync();

        Assert.Equal("Analyzed", _crits.Indicators[("Domain", "second.example")].Status);
    }

    private int Instances() => _crits.Indicators.Values.Concat(_crits.Samples.Values).Sum(record => record.Sources.GetValueOrDefault("PhishMe"));
}
