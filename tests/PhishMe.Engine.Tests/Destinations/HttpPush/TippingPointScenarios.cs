using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class TippingPointScenarios : ProductScenarios
{
    private protected override string Section => "integration_tipping_point_ips";

    private protected override ISimulatedProduct Create(string? poison = null) => new TippingPointSms(Secret) { Poison = poison };

    private protected override IReadOnlyList<string> Held(ISimulatedProduct product) => [.. ((TippingPointSms)product).Entries.Keys];

    private protected override IEnumerable<string> Expected(ScenarioThreat threat) => threat.IsPhish
        ? [.. threat.Urls.Select(url => $"url/{url}"), .. threat.Urls.Select(url => $"dns/{new Uri(url).Host}")]
        :
        [
            .. threat.Domains.Select(domain => $"dns/{domain}"),
            .. threat.Addresses.Select(address => $"ipv4/{address}"),
            .. threat.Urls.Select(url => $"url/{url}"),
        ];

    private protected override void Configure(Installation installation, Uri address, string secret) => installation
        .Set(Section, "use", "True").Set(Section, "host_with_protocol", address.ToString()).Set(Section, "api_key", secret).Set(Section, "types", "ipv4, dns, url");
}
