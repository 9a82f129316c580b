using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PhishMe.Engine.Network;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Api;

/// <summary>Whole runs against the API over HTTPS: whom they trust, what they say when they do not, what they show.</summary>
public sealed class ApiCertificateTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_certificate_of_an_authority_in_ca_file_is_trusted() =>
        Assert.Equal(ExitCode.Done, (await RunAsync(_certificates.Server, _certificates.AuthorityFile)).ExitCode);

    [Fact]
    public async Task The_authorities_of_the_system_stay_trusted_beside_ca_file()
    {
        using var others = new TestCertificates("Somebody else");
        await using var simulator = await StartAsync(_certificates.Server);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "ca_file", others.AuthorityFile).Save();

        // The system's authorities as OpenSSL finds them: those of this test.
        Assert.Equal(0, await ChildRun.SyncAsync(installation, ("SSL_CERT_FILE", _certificates.AuthorityFile)));
        Assert.Equal(13, await ChildRun.SyncAsync(installation));
    }

    [Fact]
    public async Task Without_ca_file_an_unknown_authority_is_refused_by_name_and_nothing_is_sent()
    {
        await using var simulator = await StartAsync(_certificates.Server);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        var summary = await installation.RunAsync();

        AssertRefused(summary, "untrusted: its issuer Test authority is not trusted by the system");
        Assert.Equal((0, 1), (simulator.Requests.Count(), summary.Requests));
        Assert.Contains("untrusted: its issuer", installation.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        using var other = _certificates.Issue("other.example");
        AssertRefused(await RunAsync(other, _certificates.AuthorityFile), "wrong host: the certificate is for other.example, not for 127.0.0.1");
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        using var expired = _certificates.Issue("localhost", DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(-2));
        AssertRefused(
            await RunAsync(expired, _certificates.AuthorityFile), $"expired: the certificate ended on {expired.NotAfter.ToUniversalTime():yyyy-MM-dd}");
    }

    [Fact]
    public async Task A_self_signed_certificate_is_refused_unless_ca_file_names_it()
    {
        using var selfSigned = _certificates.Issue("localhost", selfSigned: true);
        AssertRefused(
            await RunAsync(selfSigned, _certificates.AuthorityFile),
            "self-signed: the certificate is not trusted by the system or by ca_file");
        Assert.Equal(ExitCode.Done, (await RunAsync(selfSigned, _certificates.Save(selfSigned, "pinned").Certificate)).ExitCode);
    }

    [Fact]
    public async Task Without_verification_everything_is_taken_and_every_run_warns()
    {
        using var expired = _certificates.Issue("other.example", DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(-2), selfSigned: true);
        await using var simulator = await StartAsync(expired);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "ssl_verify", "False").Save();

        for (var run = 1; run <= 2; run++)
        {
            var summary = await installation.RunAsync();
            Assert.Equal(ExitCode.Done, summary.ExitCode);
            Assert.Single(summary.Warnings, warning => warning.Contains("ssl_verify", StringComparison.Ordinal));
            Assert.Equal(run, installation.Log().Split('\n').Count(line => line.Contains("WARNING", StringComparison.Ordinal) && line.Contains("ssl_verify", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_client_certificate_is_shown_from_pem_and_from_pkcs12_and_its_password_is_in_no_artefact()
    {
        const string Password = "k3y-pass \"word\" é";
        await using var simulator = await StartAsync(_certificates.Server, certificate => certificate.Subject == "CN=phishme-client");
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "ca_file", _certificates.AuthorityFile)
            .Set("local_log", "log_level", "debug").Save();
        Assert.Equal(ExitCode.ApiFailing, (await installation.RunAsync()).ExitCode);
        Assert.Equal(0, simulator.Requests.Count());

        installation.Set("pm_api", "client_certificate", _certificates.ClientFile).Set("pm_api", "client_certificate_key", _certificates.ClientKeyFile).Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        using var client = X509Certificate2.CreateFromPemFile(_certificates.ClientFile, _certificates.ClientKeyFile);
        var file = _certificates.InFolder("client.pfx");
        await File.WriteAllBytesAsync(file, client.ExportPkcs12(Pkcs12ExportPbeParameters.Default, Password), Stop);
        installation.Set("pm_api", "client_certificate", file).Set("pm_api", "client_certificate_key", string.Empty);
        installation.Set("pm_api", "client_certificate_password", Password).Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        installation.Set("pm_api", "client_certificate_password", Password + "?").Save();
        var refused = await installation.RunAsync();
        Assert.Equal((ExitCode.Configuration, file), (refused.ExitCode, refused.Fault!.Where));
        Assert.DoesNotContain(Password, installation.Log() + refused.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_older_than_TLS_1_2_is_spoken()
    {
        using var trust = new PeerTrust(new PeerTrustSettings { AuthorityKey = "ca_file", Unreadable = Faults.ConfigurationInvalid });
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, trust.Options("localhost").EnabledSslProtocols);
    }

    private static Task<ThreatHqSimulator> StartAsync(X509Certificate2 shown, Func<X509Certificate2, bool>? acceptsClient = null) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5, Https = true, Certificate = shown, AcceptsClient = acceptsClient }, Stop);

    private static async Task<RunSummary> RunAsync(X509Certificate2 shown, string authorityFile)
    {
        await using var simulator = await StartAsync(shown);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "ca_file", authorityFile).Save();
        return await installation.RunAsync();
    }

    private static void AssertRefused(RunSummary summary, string reason)
    {
        Assert.Equal((ExitCode.ApiFailing, "ApiCertificateRefused"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Contains(reason, summary.Fault!.Message, StringComparison.Ordinal);
    }
}
