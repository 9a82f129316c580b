using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Api;

/// <summary>Whole runs through squid, which asks for each of the schemes that corporate proxies ask for.</summary>
public sealed class ProxyAuthenticationTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("basic", true)]
    [InlineData("digest", true)]
    [InlineData("digest", false)]
    [NotOnWindows("squid and its helpers are programs of Unix.")]
    public async Task A_run_goes_through_a_proxy_that_asks_for(string scheme, bool https)
    {
        await using var proxy = await Squid.StartAsync(scheme);
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri, scheme).Save();

        var summary = await installation.RunAsync();

        Assert.Null(summary.Fault);
        Assert.Equal((ExitCode.Done, 120), (summary.ExitCode, summary.Received));
        Assert.Contains(https ? "CONNECT" : "GET", await proxy.LogWithAsync(Squid.User), StringComparison.Ordinal);
        Assert.DoesNotContain(Squid.Password, installation.Log(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("basic", true)]
    [InlineData("digest", true)]
    [InlineData("digest", false)]
    [NotOnWindows("squid and its helpers are programs of Unix.")]
    public async Task A_wrong_password_is_a_refusal_of_the_proxy(string scheme, bool https)
    {
        await using var proxy = await Squid.StartAsync(scheme);
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri, scheme).Set("local_proxy", "auth_basic_pass", "wrong").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, "ProxyRefused"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Contains("407", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.Equal(0, simulator.Requests.Count());
    }

    /// <summary>The messages of NTLM through squid, each connection by itself. ntlm_fake_auth takes any password; the name is that of the account.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("squid and its helpers are programs of Unix.")]
    public async Task A_run_goes_through_a_proxy_that_asks_for_NTLM(bool https)
    {
        await using var proxy = await Squid.StartAsync("ntlm", repairsChallenge: true);
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri, "ntlm").Set("local_proxy", "auth_basic_user", $@"CORP\{Squid.User}").Save();

        var summary = await installation.RunAsync();

        Assert.Null(summary.Fault);
        Assert.Equal((ExitCode.Done, 120), (summary.ExitCode, summary.Received));
        var log = await proxy.LogWithAsync(Squid.User);
        Assert.Contains(https ? "CONNECT" : "GET", log, StringComparison.Ordinal);
        Assert.Contains($@"CORP\\{Squid.User}", log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Squid.Password, installation.Log(), StringComparison.Ordinal);
    }

    /// <summary>The challenge of ntlm_fake_auth is that of Windows NT 4, too short for .NET's NTLM outside of Windows.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [NotOnWindows("squid and its helpers are programs of Unix.")]
    public async Task A_challenge_that_is_not_understood_is_a_refusal_and_no_crash(bool https)
    {
        await using var proxy = await Squid.StartAsync("ntlm");
        await using var simulator = await StartAsync(https);
        using var installation = Behind(simulator, proxy.Uri, "ntlm").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, "ProxyRefused"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Equal(0, simulator.Requests.Count());
    }

    [Fact]
    [NotOnWindows("squid and its helpers are programs of Unix.")]
    public async Task A_proxy_that_offers_basic_does_not_get_the_password_of_another_scheme()
    {
        await using var proxy = await Squid.StartAsync("basic");
        await using var simulator = await StartAsync(https: true);
        using var installation = Behind(simulator, proxy.Uri, "ntlm").Save();

        Assert.Equal("ProxyRefused", (await installation.RunAsync()).Fault?.Kind.Id);
        Assert.DoesNotContain(Squid.User, proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_of_the_system_is_asked_for_and_bypass_still_counts()
    {
        var settings = new ProxySettings { IsOfSystem = true, Bypass = ["*.corp.example"] };

        Assert.Null(ProxyRoute.ProxyFor(settings, new Uri("https://api.corp.example/")));
        Assert.Equal(HttpClient.DefaultProxy.GetProxy(new Uri("https://api.example/")), ProxyRoute.ProxyFor(settings, new Uri("https://api.example/")));
    }

    private Installation Behind(ThreatHqSimulator simulator, string proxy, string scheme)
    {
        var installation = new Installation(simulator).WithOutput("json")
            .Set("local_proxy", "use", "True").Set("local_proxy", simulator.BaseUri.Scheme, proxy).Set("local_proxy", "auth", scheme)
            .Set("local_proxy", "auth_basic_use", "True").Set("local_proxy", "auth_basic_user", Squid.User).Set("local_proxy", "auth_basic_pass", Squid.Password);
        return installation.Set("pm_api", "ca_file", _certificates.AuthorityFile);
    }

    private Task<ThreatHqSimulator> StartAsync(bool https) => ThreatHqSimulator.StartAsync(
        new SimulatorOptions { Threats = 120, Https = https, Certificate = _certificates.Server }, TestContext.Current.CancellationToken);
}
