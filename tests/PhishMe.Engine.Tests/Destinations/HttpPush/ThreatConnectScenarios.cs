using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class ThreatConnectScenarios : ProductScenarios
{
    private const string AccessId = "7654321";

    private protected override string Section => "integration_threatconnect";

    private protected override ISimulatedProduct Create(string? poison = null) => new ThreatConnectService(AccessId, Secret) { Poison = poison };

    private protected override IReadOnlyList<string> Held(ISimulatedProduct product)
    {
        var service = (ThreatConnectService)product;
        return [.. service.Groups.Values, .. service.Indicators.Keys];
    }

    private protected override IEnumerable<string> Expected(ScenarioThreat threat) =>
    [
        $"{threat.Label} ({threat.Id})",
        .. (threat.IsPhish ? threat.Urls.Select(url => new Uri(url).Host) : threat.Domains).Select(domain => $"Host/{domain}"),
        .. threat.Addresses.Select(address => $"Address/{address}"),
        .. threat.Urls.Select(url => $"URL/{url}"),
        .. threat.Hashes.Select(hash => $"File/{hash}"),
    ];

    private protected override void Configure(Installation installation, Uri address, string secret) => installation
        .Set(Section, "use", "True").Set(Section, "api_base_url", $"{address}api").Set(Section, "api_default_org", "Example Org")
        .Set(Section, "api_access_id", AccessId).Set(Section, "api_secret_key", secret);
}
