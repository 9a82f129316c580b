using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>One run with destinations of every kind, some of which fail: nothing is lost, no one waits for another, and each failure is one line.</summary>
public sealed class TenDestinationsTests : IAsyncLifetime
{
    private const string Secret = "the-secret-of-all-products-0123456789abcdef";
    private const string Tenant = "11111111-1111-1111-1111-111111111111";
    private const string Client = "22222222-2222-2222-2222-222222222222";
    private const int Threats = 30;

    private readonly SplunkCollector _splunk = new(Secret);
    private readonly QRadarConsole _qradar = new(Secret);
    private readonly ElasticCluster _elastic = new($"ApiKey {Secret}");
    private readonly MispServer _misp = new(Secret);
    private readonly SentinelWorkspace _sentinel = new(new EntraLogin(Tenant, Client, Secret, "https://management.azure.com/.default"), "workspace") { PerMinute = 10_000 };
    private readonly DefenderService _defender = new(new EntraLogin(Tenant, Client, Secret, "https://api.securitycenter.microsoft.com/.default"));
    private readonly Dictionary<ISimulatedProduct, ProductServer> _servers = [];
    private readonly LoopbackCollector _collector = new();
    private ThreatHqSimulator _api = null!;
    private Installation _installation = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        foreach (var number in Enumerable.Range(1, Threats))
        {
            _api.Publish(Malware(number, "Loader", FormattableString.Invariant($"host{number}.example"), FormattableString.Invariant($"http://host{number}.example/a")).WithFile());
        }

        foreach (var product in (ISimulatedProduct[])[_splunk, _qradar, _elastic, _misp, _sentinel, _defender])
        {
            _servers[product] = await ProductServer.StartAsync(product);
        }

        _installation = Installed();
    }

    public async ValueTask DisposeAsync()
    {
        _installation.Dispose();
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        await _collector.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Three_of_ten_fail_in_different_ways_and_nothing_is_lost()
    {
        _servers[_elastic].Always(_ => ProductAnswer.Cut);
        _servers[_misp].Always(_ => ProductAnswer.Json(403, """{"name":"Authentication failed.","message":"Authentication failed.","url":"/events/add"}"""));
        _servers[_sentinel].Always(request => request.Path.EndsWith("/token", StringComparison.Ordinal) ? null : ProductAnswer.Page(200, "<html>Sign in</html>"));

        var failed = await _installation.RunAsync();

        Assert.Equal(10, failed.Destinations.Count);
        Assert.Equal((ExitCode.OutputFailed, _api.CurrentPosition), (failed.ExitCode, _installation.Position));
        AssertOthersHaveEverything();
        Assert.Empty(_elastic.Documents);
        Assert.Empty(_misp.Events);
        Assert.Empty(_sentinel.Objects);
        var failures = failed.Destinations.Where(destination => destination.Failure is not null).ToDictionary(destination => destination.Id, destination => destination.Failure!);
        Assert.Equal(["elasticsearch", "microsoft_sentinel", "misp"], failures.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, failures.Values.Distinct().Count());
        Assert.All(failures, failure =>
        {
            Assert.DoesNotContain('\n', failure.Value);
            Assert.DoesNotContain(Secret, failure.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("Sign in", failure.Value, StringComparison.Ordinal);
            // Once: not for each batch, and not for each threat.
            Assert.Equal(1, File.ReadLines(_installation.LogPath).Count(line => line.Contains($"{failure.Key}: ", StringComparison.Ordinal) && line.Contains(" ERR", StringComparison.OrdinalIgnoreCase)));
        });
        Assert.All(failed.Destinations, destination => Assert.Equal((failures.ContainsKey(destination.Id), 0), (destination.Waiting > 0, destination.Rejected)));

        foreach (var server in _servers.Values)
        {
            server.Always(null);
        }

        var drained = await _installation.RunAsync();

        Assert.Equal((ExitCode.Done, null), (drained.ExitCode, drained.Fault));
        Assert.All(drained.Destinations, destination => Assert.Equal((0L, null), (destination.Waiting, destination.Failure)));
        AssertOthersHaveEverything();
        Assert.Equal(Threats * 5, _elastic.Documents.Count());
        Assert.Equal(Threats, _misp.Events.Count);
        Assert.Equal((Threats * 2) + 3, _sentinel.Live.Count());
        Assert.Equal((Threats * 2) + 3, _sentinel.Rows);
    }

    /// <summary>The seven that work: each has everything, once.</summary>
    private void AssertOthersHaveEverything()
    {
        Assert.Equal(Threats, File.ReadLines(_installation.AppendPath("json")).Count());
        Assert.Equal(Threats, _collector.Received.Split("externalId=", StringSplitOptions.None).Select(text => text.Split(' ')[0]).Skip(1).Distinct().Count());
        Assert.NotEqual(0, new FileInfo(Path.Combine(_installation.Folder, "cb.json")).Length);
        Assert.Equal(Threats, Directory.EnumerateFiles(Path.Combine(_installation.Folder, "lr"), "*", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Count(line => line.StartsWith("host", StringComparison.Ordinal) && line.EndsWith(".example", StringComparison.Ordinal)));
        Assert.Equal(Threats, _splunk.Indexed.Count);
        Assert.Equal(Threats, _qradar.Sets["PhishMe_Intelligence_Malware_URLs"].Values.Count);
        Assert.Equal((Threats * 2) + 3, _defender.Active.Count());
    }

    private Installation Installed()
    {
        var installation = new Installation(_api).Set("local_sqlite", "use", "True").WithOutput("json", files: false)
            .With("arcsight", _collector.Endpoint);
        installation.Set("integration_carbon_black", "use", "True").Set("integration_carbon_black", "cb_feed", Path.Combine(installation.Folder, "cb.json"));
        installation.Set("integration_logrhythm", "use", "True").Set("integration_logrhythm", "output_dir", Path.Combine(installation.Folder, "lr"));
        installation.Set("integration_splunk_hec", "use", "True").Set("integration_splunk_hec", "token", Secret)
            .Set("integration_splunk_hec", "event_url", $"{_servers[_splunk].Address}services/collector/event");
        installation.Set("integration_qradar_siem", "mode", "reference_data");
        foreach (var (section, product, key) in ((string, ISimulatedProduct, string)[])
        [
            ("qradar_siem", _qradar, "api_token"), ("elasticsearch", _elastic, "api_key"), ("misp", _misp, "api_token"),
            ("microsoft_sentinel", _sentinel, "client_secret"), ("microsoft_defender", _defender, "client_secret"),
        ])
        {
            installation.Set($"integration_{section}", "use", "True").Set($"integration_{section}", "host_with_protocol", _servers[product].Address.ToString())
                .Set($"integration_{section}", key, Secret).Set($"integration_{section}", "max_retries", "2");
            if (section.StartsWith("microsoft", StringComparison.Ordinal))
            {
                installation.Set($"integration_{section}", "tenant_id", Tenant).Set($"integration_{section}", "client_id", Client)
                    .Set($"integration_{section}", "login_host", _servers[product].Address.ToString()).Set($"integration_{section}", "max_rpm", "10000");
            }
        }

        return installation.Set("integration_microsoft_sentinel", "workspace_id", "workspace").Save();
    }
}
