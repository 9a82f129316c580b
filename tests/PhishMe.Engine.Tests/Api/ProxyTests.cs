using System.Net;
using System.Text;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Api;

/// <summary>Whole runs through a proxy: tinyproxy, and one within the test where every byte counts.</summary>
public sealed class ProxyTests : IDisposable
{
    private const string Established = "HTTP/1.1 200 Connection established\r\n\r\n";

    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("tinyproxy is a program of Unix.")]
    public async Task A_run_goes_through_the_proxy(bool https)
    {
        await using var proxy = await Tinyproxy.StartAsync();
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 250), (summary.ExitCode, summary.Outputs.Single().Threats));
        Assert.Contains($": {(https ? "CONNECT" : "GET")} ", proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("tinyproxy is a program of Unix.")]
    public async Task A_proxy_that_wants_credentials_gets_them(bool https)
    {
        const string Password = "Pass_1.2-3"; // tinyproxy knows no other characters.
        await using var proxy = await Tinyproxy.StartAsync($"sync.user {Password}");
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri)
            .Set("local_proxy", "auth_basic_use", "True").Set("local_proxy", "auth_basic_user", "sync.user").Set("local_proxy", "auth_basic_pass", Password)
            .Set("local_log", "log_level", "debug").Save();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        installation.Set("local_proxy", "auth_basic_pass", Password + "!").Save();
        var refused = await installation.RunAsync();
        // tinyproxy answers wrong credentials with 401, which only on CONNECT differs from the API's.
        Assert.Equal(https ? "ProxyRefused" : "CredentialsRefused", refused.Fault?.Kind.Id);
        Assert.DoesNotContain(Password, installation.Log() + refused.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1:9/apiv1")]
    [InlineData("http://127.0.0.1:9/apiv1")]
    public async Task A_password_with_special_characters_reaches_the_proxy_as_it_is_written(string api)
    {
        const string Password = "p:@ss%20/\\#&=+~'`$\"é€ x";
        await using var proxy = new CannedServer(_ => CannedServer.Http(
            "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"", []));
        using var installation = new Installation().WithOutput("json").Set("pm_api", "base_url", api)
            .Set("local_proxy", "use", "True").Set("local_proxy", new Uri(api).Scheme, proxy.Uri.ToString().TrimEnd('/'))
            .Set("local_proxy", "auth_basic_use", "True").Set("local_proxy", "auth_basic_user", @"DOMAIN\me").Set("local_proxy", "auth_basic_pass", Password).Save();

        var summary = await installation.RunAsync();

        Assert.Equal("ProxyRefused", summary.Fault?.Kind.Id);
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($@"DOMAIN\me:{Password}"));
        Assert.Contains($"Proxy-Authorization: Basic {token}\r\n", proxy.Heads[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(Password, installation.Log() + summary.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("tinyproxy is a program of Unix.")]
    public async Task A_proxy_that_asks_for_credentials_is_recognised_and_asked_once(bool https)
    {
        await using var proxy = await Tinyproxy.StartAsync("user password");
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, "ProxyRefused", 1), (summary.ExitCode, summary.Fault?.Kind.Id, summary.Requests));
        Assert.Contains($"The proxy 127.0.0.1:{proxy.Port} asks for credentials", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.Contains("407", summary.Fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, simulator.Requests.Count());
    }

    [Fact]
    [NotOnWindows("tinyproxy is a program of Unix.")]
    public async Task A_proxy_that_dies_in_the_middle_ends_the_run_and_the_next_one_goes_on()
    {
        await using var proxy = await Tinyproxy.StartAsync();
        await using var simulator = await StartAsync(https: true, threats: 900);
        using var installation = Behind(simulator, proxy.Uri).Set("pm_api", "concurrent_requests", "1").Save();
        var commits = 0;

        var failed = await installation.RunAsync(step: name =>
        {
            if (name == "state-after-commit" && ++commits == 3)
            {
                proxy.KillAsync().GetAwaiter().GetResult();
            }
        });

        Assert.Equal((ExitCode.ApiFailing, "ApiUnreachable"), (failed.ExitCode, failed.Fault?.Kind.Id));
        Assert.Contains($"No connection to the proxy 127.0.0.1:{proxy.Port}", failed.Fault!.Message, StringComparison.Ordinal);
        await proxy.StartAgainAsync();
        installation.Set("local_proxy", "https", proxy.Uri).Save();
        var next = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, next.ExitCode);
        Assert.Equal(900, File.ReadAllLines(installation.AppendPath("json")).Distinct().Count());
        Assert.Equal(900, File.ReadAllLines(installation.AppendPath("json")).Length);
    }

    [Fact]
    public async Task Without_use_there_is_no_proxy_whatever_the_environment_names()
    {
        var unusedAddress = $"http://127.0.0.1:{Receiver.FreePort(IPAddress.Loopback, datagram: false)}";
        await using var simulator = await StartAsync(https: true);
        using var installation = Behind(simulator, unusedAddress).Set("local_proxy", "use", "False").Save();

        Assert.Equal(0, await ChildRun.SyncAsync(installation, ("HTTPS_PROXY", unusedAddress), ("https_proxy", unusedAddress), ("http_proxy", unusedAddress), ("ALL_PROXY", unusedAddress)));
        Assert.NotEqual(0, simulator.Requests.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("tinyproxy is a program of Unix, and so is a system whose proxy is one of the environment alone.")]
    public async Task The_proxy_of_the_system_is_that_of_the_environment(bool https)
    {
        await using var proxy = await Tinyproxy.StartAsync();
        await using var simulator = await StartAsync(https);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "ca_file", _certificates.AuthorityFile)
            .Set("local_proxy", "use", "system").Save();

        Assert.Equal(0, await ChildRun.SyncAsync(installation, (https ? "HTTPS_PROXY" : "HTTP_PROXY", proxy.Uri)));

        Assert.Equal(250, File.ReadAllLines(installation.AppendPath("json")).Length);
        Assert.Contains($": {(https ? "CONNECT" : "GET")} ", proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("proxy.example, 127.0.0.1", true)]
    [InlineData("*.0.0.1", true)]
    [InlineData("127.0.0.2, *.example", false)]
    public async Task Hosts_of_the_bypass_list_are_asked_directly(string bypass, bool covers)
    {
        var unusedAddress = $"http://127.0.0.1:{Receiver.FreePort(IPAddress.Loopback, datagram: false)}";
        await using var simulator = await StartAsync(https: true, threats: 3);
        using var installation = Behind(simulator, unusedAddress).Set("local_proxy", "bypass", bypass).Save();

        var summary = await installation.RunAsync();

        Assert.Equal(covers ? ExitCode.Done : ExitCode.ApiFailing, summary.ExitCode);
    }

    [Fact]
    public async Task The_proxy_learns_the_host_and_its_own_credentials_and_nothing_else()
    {
        await using var proxy = new CannedServer(_ => Encoding.ASCII.GetBytes(Established), tunnels: true);
        await using var simulator = await StartAsync(https: true, threats: 3);
        using var installation = Behind(simulator, proxy.Uri.ToString())
            .Set("local_proxy", "auth_basic_use", "True").Set("local_proxy", "auth_basic_user", "me").Set("local_proxy", "auth_basic_pass", "é:x").Save();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        var authority = simulator.BaseUri.Authority;
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes("me:é:x"));
        Assert.NotEmpty(proxy.Heads);
        Assert.All(proxy.Heads, head => Assert.Equal(
            $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Basic {token}\r\n\r\n", head));
        Assert.All(simulator.Requests.Entries, entry => Assert.Equal(("PhishMe.PowerShell/1.0.0 (raw_json)", "HTTP/2"), (entry.UserAgent, entry.Protocol)));
    }

    [Theory]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n", "ProxyRefused", "does not allow the connection", 1)]
    [InlineData("HTTP/1.1 502 Bad gateway\r\n\r\n", "ApiUnreachable", "cannot reach", 3)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", "ApiUnreachable", "not HTTP", 3)]
    [InlineData("", "ApiUnreachable", "closed the connection before it answered", 3)]
    public async Task What_a_proxy_answers_instead_of_a_tunnel_is_said(string answer, string fault, string message, int tries)
    {
        await using var proxy = new CannedServer(_ => Encoding.ASCII.GetBytes(answer));
        await using var simulator = await StartAsync(https: true, threats: 3);
        using var installation = Behind(simulator, proxy.Uri.ToString()).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, fault, tries), (summary.ExitCode, summary.Fault?.Kind.Id, summary.Requests));
        Assert.Contains(message, summary.Fault!.Message, StringComparison.Ordinal);
    }

    private Task<ThreatHqSimulator> StartAsync(bool https, int threats = 250) => ThreatHqSimulator.StartAsync(
        new SimulatorOptions { Threats = threats, Https = https, Certificate = _certificates.Server }, Stop);

    private Installation Behind(ThreatHqSimulator simulator, string proxy) => new Installation(simulator).WithOutput("json")
        .Set("pm_api", "ca_file", _certificates.AuthorityFile)
        .Set("local_proxy", "use", "True").Set("local_proxy", simulator.BaseUri.Scheme, proxy.TrimEnd('/'));
}
