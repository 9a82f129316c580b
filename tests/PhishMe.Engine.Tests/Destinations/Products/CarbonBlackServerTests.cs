using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>The feed of Carbon Black registered and synchronized by API: what the server holds after whole runs.</summary>
public sealed class CarbonBlackServerTests : IAsyncLifetime
{
    private const string Section = "integration_carbon_black";
    private const string Token = "0123456789abcdef0123456789abcdef01234567";

    private readonly CarbonBlackFeeds _feeds = new(Token);
    private ThreatHqSimulator _api = null!;
    private ProductServer _server = null!;
    private Installation _installation = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        _server = await ProductServer.StartAsync(_feeds);
        _installation = new Installation(_api).Feed("carbon_black", "cb_feed", "cb.json")
            .Set(Section, "host_with_protocol", _server.Address.AbsoluteUri).Set(Section, "api_token", Token).Set(Section, "max_retries", "1")
            .Set(Section, "register_feed", "True").Save();
        _api.Publish(Threat(1).Domain("a.example"));
        _api.Publish(Threat(2).Domain("b.example"));
    }

    public async ValueTask DisposeAsync()
    {
        _installation.Dispose();
        await _server.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task The_feed_is_registered_once_and_synchronized_only_when_it_changed()
    {
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.Equal(["1_Major", "2_Major"], _feeds.Reports.Keys.Order());
        var feed = Assert.Single(_feeds.Feeds).Value;
        Assert.Equal(("PhishMeIntelligence", new Uri(_installation.InFolder("cb.json")).AbsoluteUri), ((string?)feed["name"], (string?)feed["feed_url"]));
        var requests = _server.Count;

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.Equal(requests, _server.Count);

        _api.Publish(Threat(3).Domain("c.example"));
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.Equal(["1_Major", "2_Major", "3_Major"], _feeds.Reports.Keys.Order());
        Assert.Single(_feeds.Feeds);
        Assert.Equal([(1, false), (1, false)], _feeds.Synchronizations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_leaves_the_feed_leaves_the_server_by_a_full_synchronization(bool isAsked)
    {
        _installation.Set(Section, "full_sync_on_retract", isAsked.ToString()).Save();
        await _installation.RunAsync();
        _api.Withdraw("m_1");

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);

        Assert.Equal(isAsked ? ["2_Major"] : ["1_Major", "2_Major"], _feeds.Reports.Keys.Order());
        Assert.Equal([(1, false), (1, isAsked)], _feeds.Synchronizations);
    }

    [Fact]
    public async Task A_value_that_leaves_a_report_without_a_newer_time_leaves_the_server_as_well()
    {
        _api.Publish(Threat(5).File("0cc175b9c0f1b6a831c399e269772661", "a.exe").Domain("d.example"));
        await _installation.RunAsync();
        Assert.NotNull(_feeds.Reports["5_Major"]["iocs"]!["md5"]);
        _installation.Set(Section, "excluded_md5", "0cc175b9c0f1b6a831c399e269772661").Save(_installation.Position);

        await _installation.RunAsync();

        Assert.Null(_feeds.Reports["5_Major"]["iocs"]!["md5"]);
        Assert.True(_feeds.Synchronizations[^1].IsFull);
    }

    [Theory]
    [InlineData(503, "application/json", "{}", "DestinationUnavailable")]
    [InlineData(401, "application/json", "{}", "DestinationCredentialsRefused")]
    [InlineData(400, "application/json", """{"reason":"no"}""", "DestinationMisconfigured")]
    [InlineData(200, "text/html", "<html>Sign in</html>", "DestinationAnswerInvalid")]
    [InlineData(200, null, "", "DestinationAnswerInvalid")]
    public async Task A_server_that_fails_leaves_the_file_and_is_notified_by_the_next_run(int status, string? mediaType, string body, string fault)
    {
        await _installation.RunAsync();
        _api.Withdraw("m_1");
        _server.Always(request => request.Method == "POST" ? new ProductAnswer(status, mediaType, Encoding.UTF8.GetBytes(body)) : null);

        var failed = await _installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, fault), (failed.ExitCode, failed.Fault?.Kind.Id));
        Assert.Equal(1, failed.Destinations.Single(destination => destination.Id == "carbon_black").FilesWritten);
        Assert.DoesNotContain("1_Major", File.ReadAllText(_installation.InFolder("cb.json")), StringComparison.Ordinal);
        Assert.DoesNotContain(Token, string.Concat(failed.Warnings) + failed.Fault, StringComparison.Ordinal);
        _server.Always(null);

        // Nothing changed since, but the server has to forget what left.
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.Equal(["2_Major"], _feeds.Reports.Keys);
    }

    [Fact]
    public async Task A_disabled_feed_is_a_warning_and_an_administrators_settings_stay()
    {
        _feeds.AddOfOther(9, "phishmeintelligence", "https://old.example/cb.json", isEnabled: false);

        var summary = await _installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, warning => warning.Contains("is disabled there", StringComparison.Ordinal));
        var feed = Assert.Single(_feeds.Feeds).Value;
        Assert.Equal((false, "reader"), ((bool)feed["enabled"]!, (string?)feed["username"]));
        Assert.Equal(new Uri(_installation.InFolder("cb.json")).AbsoluteUri, (string?)feed["feed_url"]);
    }

    [Fact]
    public async Task A_file_of_the_original_calls_no_server()
    {
        _installation.Set(Section, "register_feed", "False").Save();

        await _installation.RunAsync();

        Assert.Equal(0, _server.Count);
    }

    [Fact]
    public async Task A_check_asks_the_server_and_changes_nothing()
    {
        Assert.Equal((CheckOutcome.Pass, true), await CheckAsync("registers the feed"));
        _installation.Set(Section, "api_token", new string('x', 40)).Save();
        Assert.Equal((CheckOutcome.Fail, true), await CheckAsync("api_token"));
        Assert.Empty(_feeds.Feeds);
        Assert.All(_server.Requests, request => Assert.Equal("GET", request.Method));
    }

    private static JsonObject Threat(long id) => ThreatBuilder.Malware(id, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds());

    private async Task<(CheckOutcome Outcome, bool SaysSo)> CheckAsync(string words)
    {
        var checks = new List<CheckResult>();
        await foreach (var check in new EngineFactory().Create(new EngineOptions { Version = "1.0.0" }).CheckDestinationsAsync(_installation.ConfigurationPath, ["carbon_black"], Stop))
        {
            checks.Add(check);
        }

        return (checks[^1].Outcome, checks[^1].Message.Contains(words, StringComparison.Ordinal));
    }
}
