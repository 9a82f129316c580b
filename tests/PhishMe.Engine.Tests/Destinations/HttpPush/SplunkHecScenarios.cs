using System.Text.Json;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class SplunkHecScenarios : ProductScenarios
{
    private protected override string Section => "integration_splunk_hec";

    private protected override bool TakesBack => false;

    private protected override bool RecognizesRepeats => false;

    private protected override ISimulatedProduct Create(string? poison = null) => new SplunkCollector(Secret) { Poison = poison };

    private protected override IReadOnlyList<string> Held(ISimulatedProduct product) => [.. ((SplunkCollector)product).Indexed.Select(Name)];

    private protected override IEnumerable<string> Expected(ScenarioThreat threat) => threat.IsPhish
        ? [$"{threat.Number} phish_url {threat.Urls[0]}"]
        :
        [
            .. threat.Domains.Concat(threat.Addresses).Concat(threat.Urls).Select(value => $"{threat.Number} blockset {value}"),
            .. threat.Hashes.Select(hash => $"{threat.Number} executableset {hash} {threat.FileName}"),
        ];

    private protected override void Configure(Installation installation, Uri address, string secret)
    {
        installation.Set(Section, "use", "True").Set(Section, "token", secret).Set(Section, "event_url", $"{address}services/collector/event");
        installation.Set(Section, "json_raw", "0").Set(Section, "json_blockset", "1").Set(Section, "json_executableset", "1");
        installation.Set("integration_splunk_brandintelligence", "use", "True").Set("integration_splunk_brandintelligence", "output_phish_url", "True");
    }

    private protected override void AssertWithdrawn(ISimulatedProduct product, ScenarioThreat threat)
    {
        var deleted = Assert.Single(((SplunkCollector)product).Indexed, text => text.Contains("\"deleted\":true", StringComparison.Ordinal));
        using var document = JsonDocument.Parse(deleted);
        Assert.Equal(threat.Number, document.RootElement.GetProperty("event").GetProperty("id").GetInt64());
    }

    private static string Name(string text)
    {
        using var document = JsonDocument.Parse(text);
        var given = document.RootElement.GetProperty("event");
        var family = given.TryGetProperty("cofense_event_type", out var malware) ? malware.GetString() : given.GetProperty("phishme_brand_intelligence_event_type").GetString();
        var value = family switch
        {
            "blockset" => given.GetProperty("data_1") is { ValueKind: JsonValueKind.Object } url ? url.GetProperty("url").GetString() : given.GetProperty("data_1").GetString(),
            "executableset" => $"{given.GetProperty("md5Hex").GetString()} {given.GetProperty("fileName").GetString()}",
            "phish_url" => given.GetProperty("url").GetString(),
            _ => string.Empty,
        };
        return $"{given.GetProperty("id").GetInt64()} {family} {value}";
    }
}
