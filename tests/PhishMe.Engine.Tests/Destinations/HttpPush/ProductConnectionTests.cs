using PhishMe.Engine.Tests.Api;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>Whole runs to a product behind what stands between: TLS that asks for a certificate, and a proxy.</summary>
public sealed class ProductConnectionTests : IDisposable
{
    private const string Section = "integration_qradar_siem";
    private const string Token = "the-token-of-a-test-0123456789";

    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_product_that_asks_for_a_client_certificate_gets_the_one_of_the_section()
    {
        var console = new QRadarConsole(Token);
        await using var server = await ProductServer.StartAsync(console, _certificates.Server, knows: shown => shown.Subject == "CN=phishme-client");
        await using var api = await ApiAsync();
        using var installation = Installed(api, server.Address).Set(Section, "ca_file", _certificates.AuthorityFile).Set(Section, "max_retries", "1").Save();

        var without = await installation.RunAsync();

        Assert.Equal(ExitCode.OutputFailed, without.ExitCode);
        Assert.Empty(console.Held);
        installation.Set(Section, "client_certificate", _certificates.ClientFile).Set(Section, "client_certificate_key", _certificates.ClientKeyFile)
            .Save(installation.Position);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Contains("PhishMe_Intelligence_Malware_Hostnames/one.example", console.Held);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_product_is_reached_through_the_proxy_of_local_proxy(bool https)
    {
        const string Password = "Pass_1.2-3"; // tinyproxy knows no other characters.
        await using var proxy = await Tinyproxy.StartAsync($"sync.user {Password}");
        var console = new QRadarConsole(Token);
        await using var server = await ProductServer.StartAsync(console, https ? _certificates.Server : null);
        await using var api = await ApiAsync();
        using var installation = Installed(api, server.Address).Set(Section, "ca_file", _certificates.AuthorityFile)
            .Set("local_proxy", "use", "True").Set("local_proxy", "http", proxy.Uri).Set("local_proxy", "https", proxy.Uri)
            .Set("local_proxy", "auth_basic_use", "True").Set("local_proxy", "auth_basic_user", "sync.user").Set("local_proxy", "auth_basic_pass", Password)
            .Set("local_log", "log_level", "debug").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        Assert.Contains("PhishMe_Intelligence_Malware_Hostnames/one.example", console.Held);
        Assert.Contains($"{(https ? "CONNECT" : "GET")} ", proxy.Log, StringComparison.Ordinal);
        Assert.Contains(server.Address.Authority, proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, installation.Log(), StringComparison.Ordinal);
        Assert.DoesNotContain(Token, https ? proxy.Log : string.Empty, StringComparison.Ordinal);
    }

    private static async Task<ThreatHqSimulator> ApiAsync()
    {
        var api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        api.Publish(new ScenarioThreat { Number = 8800001, Domains = ["one.example"] }.Json());
        return api;
    }

    private static Installation Installed(ThreatHqSimulator api, Uri address) => new Installation(api).Set("local_sqlite", "use", "True")
        .Set(Section, "use", "True").Set(Section, "mode", "reference_data").Set(Section, "host_with_protocol", address.ToString()).Set(Section, "api_token", Token);
}
