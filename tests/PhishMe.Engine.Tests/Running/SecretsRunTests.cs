using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Secrets from wherever they are kept reach whom they are for, and no one else.</summary>
public sealed class SecretsRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("file:")]
    [InlineData("secret:")]
    [InlineData("env:")]
    public async Task The_API_gets_the_secret_and_no_artefact_has_it(string source)
    {
        var password = $"p:@ss%\"<é>/{Guid.NewGuid():N}"; // A literal like this needs no escaping either.
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3, Password = password }, Token);
        var variable = $"PHISHME_TEST_{Guid.NewGuid():N}"; // Of this test alone.
        using var installation = new Installation(simulator).WithOutput("json").Set("local_log", "log_level", "debug");
        switch (source)
        {
            case "env:":
                Environment.SetEnvironmentVariable(variable, password);
                break;
            case "file:":
                await File.WriteAllTextAsync(installation.InFolder("config.secret"), password + "\n", Token);
                break;
        }

        installation.Set("pm_api", "pass", source switch { "env:" => source + variable, "file:" => "file:config.secret", _ => "secret:api" }).Save();
        try
        {
            var good = await installation.RunAsync(secrets: name => name == "api" ? password : null);
            simulator.Inject(new FaultRule { Kind = FaultRuleKind.Unauthorized401, Count = -1 });
            var refused = await installation.RunAsync(secrets: name => name == "api" ? password : null);

            Assert.Equal((ExitCode.Done, ExitCode.CredentialsRefused), (good.ExitCode, refused.ExitCode));
            AssertNowhere(password, installation, good, refused);
            AssertNowhere(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{simulator.User}:{password}")), installation, good, refused);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public async Task A_server_that_quotes_the_credentials_finds_them_blotted_out()
    {
        const string User = "quoted-user-0123456789-0123456789-0123";
        const string Password = "quoted\"pass-0123456789-0123456789-012";
        await using var server = new CannedServer(head => CannedServer.Http(
            "400 Bad Request",
            Encoding.UTF8.GetBytes(System.Text.Json.JsonSerializer.Serialize(new { success = false, data = new { exception = $"{head} {User} {Password}" } }))));
        using var installation = new Installation().WithOutput("json").Set("pm_api", "base_url", server.Uri + "apiv1")
            .Set("pm_api", "user", User).Set("pm_api", "pass", Password).Set("local_log", "log_level", "debug").Save();

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.ApiFailing, summary.ExitCode);
        Assert.Contains("********", summary.Fault!.Message, StringComparison.Ordinal);
        foreach (var secret in new[] { User, Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")) })
        {
            AssertNowhere(secret, installation, summary);
        }
    }

    [Fact]
    public void Every_secret_of_a_configuration_is_blotted_out_in_every_spelling()
    {
        using var certificates = new TestCertificates();
        using var installation = new Installation().WithSyslog(
            new() { Host = "siem.example", Transport = SyslogTransport.Tls }, ("syslog_client_certificate", certificates.ClientFile), ("syslog_client_certificate_password", "sys \"log\" key"))
            .Set("pm_api", "client_certificate", certificates.ClientFile).Set("pm_api", "client_certificate_password", "api <key>")
            .Set("local_proxy", "use", "True").Set("local_proxy", "http", "http://proxy.example:3128").Set("local_proxy", "auth_basic_use", "True")
            .Set("local_proxy", "auth_basic_user", "me").Set("local_proxy", "auth_basic_pass", "pr/xy&pass").Save();
        var settings = ConfigurationReader.Read(installation.ConfigurationPath, new EngineSettings().Reading).Settings!;
        var mask = new SecretMask(settings);

        foreach (var secret in new[] { settings.Api.User, settings.Api.Password, "sys \"log\" key", "api <key>", "pr/xy&pass" })
        {
            string[] spellings =
            [
                secret, Uri.EscapeDataString(secret), System.Text.Json.JsonEncodedText.Encode(secret).ToString(),
            ];
            Assert.All(spellings, spelling => Assert.Equal("a ******** b", mask.Hide($"a {spelling} b")));
        }

        Assert.Equal("********", mask.Hide(Convert.ToBase64String("me:pr/xy&pass"u8)));
    }

    /// <summary>Not in the log, the summaries, the state, the outputs - and not in config.ini, where only its source is named.</summary>
    private static void AssertNowhere(string secret, Installation installation, params RunSummary[] summaries)
    {
        Assert.All(summaries, summary => Assert.DoesNotContain(secret, RunSummaryJson.Write(summary) + summary, StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(installation.Folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("config.ini" or "config.secret")))
        {
            Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0, $"{file} holds the secret");
        }
    }
}
