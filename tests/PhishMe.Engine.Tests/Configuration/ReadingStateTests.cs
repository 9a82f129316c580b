using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>[state]: the database that hosts share.</summary>
public sealed class ReadingStateTests : IDisposable
{
    private const string Password = "pa;ss'word-of-the-database";

    private readonly ConfigurationFolder _folder = new();

    public ReadingStateTests() => _folder.Context = new EngineSettings().Reading with { IsPrivileged = false, MachineName = "Collector 1.Example" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_the_key_the_state_is_in_the_file()
    {
        var settings = _folder.Read(ConfigurationFolder.Minimum + "[state]\nconnection =\n").Clean();

        Assert.Null(settings.State.Shared);
        Assert.False(settings.State.KeepThreats);
        Assert.Equal("raw_json", settings.Destinations.Single().Id.ToString());
    }

    [Fact]
    public void A_connection_names_the_database_without_its_password_and_turns_the_store_on()
    {
        _folder.Context = _folder.Context with { EnvironmentVariable = name => name == "STATE" ? $"Host=a.example,b.example;Username=phishme;Password=\"{Password}\";Database=intel" : null };

        var settings = _folder.Read(ConfigurationFolder.Minimum + "[state]\nconnection = env:STATE\n").Clean();

        Assert.Equal("PostgreSQL intel on a.example,b.example as collector-1.example", settings.State.Shared!.ToString());
        Assert.Equal("PostgreSQL intel on a.example,b.example", settings.State.Location.Name);
        Assert.True(settings.State.KeepThreats);
        Assert.Contains(Password, settings.Secrets);
        Assert.Contains(settings.Secrets, secret => secret.StartsWith("Host=", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_are_each_host_s_own_unless_their_folder_is_shared()
    {
        var settings = _folder.Read(ConfigurationFolder.Minimum + """
            [integration_raw_stix]
            use = True
            shared = True
            [integration_raw_cef]
            use = True
            multiple_file_use = True
            syslog_use = True
            syslog_host = siem.example
            [state]
            connection = Host=/run/postgresql;Username=phishme
            host_name = Collector-2
            """).Valid();

        Assert.Equal(
            ["raw_cef@collector-2 False", "raw_json@collector-2 False", "raw_stix True", "syslog@raw_cef False"],
            settings.Destinations.Select(destination => $"{destination.Id} {destination.IsShared}").Order(StringComparer.Ordinal));
        Assert.Contains("raw_json", settings.ActiveOutputs);
        Assert.Equal(("collector-2", "raw_json"), (settings.Destinations.First(one => one.IsNamed("RAW_JSON")).Id.Host, settings.Destinations.First(one => one.IsNamed("raw_json@collector-2")).Id.NameOnHost));
    }

    [Theory]
    [InlineData("phishme")]
    [InlineData($"Host=a.example;Password={Password};Database=intel")]
    [InlineData($"Host=a.example;Port={Password}")]
    [InlineData("Host=a.example;secret-word-of-the-database=1")]
    [InlineData("Username=phishme;Password=x")]
    [InlineData("Host=a.example;Search Path=\"Not A Name\"")]
    [InlineData("Host=a.example;SSL Mode=Perhaps;Password=secret-word-of-the-database")]
    [InlineData("Host=\"a.example;Password=secret-word-of-the-database")]
    public void A_connection_that_cannot_be_used_is_a_finding_that_shows_nothing_of_it(string connection)
    {
        var reading = _folder.Read(ConfigurationFolder.Minimum + $"[state]\nconnection = {connection}\n");
        var finding = Assert.Single(reading.Findings, finding => finding.Id == FindingRules.ConnectionNotUsable.Id);

        Assert.Null(reading.Settings);
        Assert.Equal(("state", "connection"), (finding.Section, finding.Key));
        Assert.All(reading.Findings, one =>
        {
            Assert.DoesNotContain("word-of-the-database", one.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("pa;ss", one.ToString(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Host=a.example;Port=70000000000", "Port")]
    [InlineData("Host=a.example;SSL Mode=Perhaps", "ssl mode")]
    public void A_value_that_a_keyword_cannot_have_names_the_keyword(string connection, string keyword) => Assert.Contains(
        keyword,
        Assert.Single(_folder.Read(ConfigurationFolder.Minimum + $"[state]\nconnection = {connection}\n").Findings, finding => finding.Id == FindingRules.ConnectionNotUsable.Id).Message,
        StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("SSL Mode=Disable", "ConnectionNotEncrypted")]
    [InlineData("SSL Mode=Prefer", "ConnectionNotEncrypted")]
    [InlineData("SslMode=Require", "TlsNotVerified")]
    [InlineData("Root Certificate=no-such.pem", "FileOfKeyUnreadable")]
    [InlineData("SSL Certificate=no-such.pem", "FileOfKeyUnreadable")]
    public void What_weakens_a_connection_to_another_machine_is_said(string keyword, string id)
    {
        var finding = Assert.Single(_folder.Read(ConfigurationFolder.Minimum + $"[state]\nconnection = Host=a.example;Username=phishme;{keyword}\n").Findings, finding => finding.Section == "state");

        Assert.Equal(id, finding.Id);
    }

    [Fact]
    public void Certificates_are_found_beside_the_file()
    {
        File.WriteAllText(_folder["ca.pem"], "-");

        var settings = _folder.Read(ConfigurationFolder.Minimum + "[state]\nconnection = Host=a.example;Username=phishme;Root Certificate=ca.pem\n").Clean();

        Assert.Contains(_folder["ca.pem"], settings.State.Shared!.Connection, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("a@b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_name_that_no_host_can_have_is_an_error(string name)
    {
        var finding = _folder.Read(ConfigurationFolder.Minimum + $"[state]\nconnection = Host=/run;Username=me\nhost_name = {name}\n").Single(FindingRules.NotAHost);

        Assert.Equal("host_name", finding.Key);
    }

    /// <summary>What a finding of the configuration shows is not everything: the driver says what it was given, too.</summary>
    [Fact]
    public async Task A_run_that_cannot_reach_the_server_shows_no_password()
    {
        var token = TestContext.Current.CancellationToken;
        _folder.Save(ConfigurationFolder.Minimum + "[state]\nconnection = Host=/no/such/folder;Username=phishme;Password=secret-word-of-the-database;Timeout=2\n");

        var summary = await new IntegrationRun(new EngineSettings(), new RunRequest { ConfigurationPath = _folder.File }, progress: null).RunAsync(token);

        Assert.Equal(Faults.StateServerUnreachable, summary.Fault?.Kind);
        Assert.DoesNotContain("secret-word", RunSummaryJson.Write(summary) + await File.ReadAllTextAsync(_folder["config.log"], token), StringComparison.Ordinal);
    }
}
