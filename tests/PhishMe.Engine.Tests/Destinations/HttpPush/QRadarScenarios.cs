using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class QRadarScenarios : ProductScenarios
{
    private protected override string Section => "integration_qradar_siem";

    private protected override ISimulatedProduct Create(string? poison = null) => new QRadarConsole(Secret) { Poison = poison };

    private protected override IReadOnlyList<string> Held(ISimulatedProduct product) => ((QRadarConsole)product).Held;

    private protected override IEnumerable<string> Expected(ScenarioThreat threat) => threat.IsPhish
        ?
        [
            .. threat.Urls.Select(url => $"PhishMe_Intelligence_Phish_URLs/{url}"),
            .. threat.Urls.Select(url => $"PhishMe_Intelligence_Phish_Hostnames/{new Uri(url).Host}"),
        ]
        :
        [
            .. threat.Domains.Select(domain => $"PhishMe_Intelligence_Malware_Hostnames/{domain}"),
            .. threat.Addresses.Select(address => $"PhishMe_Intelligence_Malware_IPs/{address}"),
            .. threat.Urls.Select(url => $"PhishMe_Intelligence_Malware_URLs/{url}"),
            .. threat.Hashes.Select(hash => $"PhishMe_Intelligence_Malware_Hashes_MD5/{hash}"),
        ];

    private protected override void Configure(Installation installation, Uri address, string secret) => installation
        .Set(Section, "use", "True").Set(Section, "mode", "reference_data").Set(Section, "host_with_protocol", address.ToString()).Set(Section, "api_token", secret);
}
