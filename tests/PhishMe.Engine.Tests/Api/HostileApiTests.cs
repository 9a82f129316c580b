using System.Text;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using Serilog.Core;

namespace PhishMe.Engine.Tests.Api;

/// <summary>An API that throttles, fails, stalls and breaks off: the client waits as it is asked to, tries as often as it may, and then says why it stopped.</summary>
public sealed class HostileApiTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private readonly SteppedTime _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, FaultRuleKind.Throttled429)]
    [InlineData(true, FaultRuleKind.Throttled429)]
    [InlineData(false, FaultRuleKind.Unavailable503)]
    [InlineData(true, FaultRuleKind.Unavailable503)]
    public async Task Nobody_asks_before_the_time_of_Retry_After(bool asDate, FaultRuleKind kind)
    {
        var pause = TimeSpan.FromSeconds(40);
        await using var simulator = await StartAsync();
        simulator.Inject(new FaultRule { Kind = kind, Count = 2, RetryAfter = pause, RetryAfterAsDate = asDate });
        using var client = Client(simulator);

        await PlayAsync(client.PingAsync(Stop));

        var asked = simulator.Requests.Entries;
        Assert.Equal(3, asked.Count);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= pause, $"{pair.Second.At - pair.First.At}"));
    }

    [Fact]
    public async Task All_callers_obey_the_pause_that_one_was_asked_for()
    {
        var pause = TimeSpan.FromSeconds(50);
        await using var simulator = await StartAsync();
        simulator.Inject(new FaultRule { Kind = FaultRuleKind.Throttled429, Route = "feed", RetryAfter = pause });
        using var client = Client(simulator, concurrency: 8);
        var throttled = client.PingAsync(Stop);
        await _clock.ArmedAsync(LongestWait); // It was asked to wait.

        Task others = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetUpdatesAsync(null, _clock.GetUtcNow(), Stop)));
        using (var bystander = Client(simulator))
        {
            await bystander.PingAsync(Stop); // A way there and back: who does not wait has asked by now.
        }

        Assert.Equal(["feed", "feed"], simulator.Requests.Entries.Select(entry => entry.Route));
        await PlayAsync(Task.WhenAll(throttled, others));
        Assert.Equal(11, simulator.Requests.Count());
        Assert.All(simulator.Requests.Entries.Skip(2), entry => Assert.True(entry.At - simulator.Requests.Entries[0].At >= pause, entry.ToString()));
    }

    [Theory]
    [InlineData(FaultRuleKind.Throttled429, 4, ApiFailure.Throttled)]
    [InlineData(FaultRuleKind.Unavailable503, 3, ApiFailure.Unavailable)]
    [InlineData(FaultRuleKind.ServerError500, 2, ApiFailure.ServerError)]
    [InlineData(FaultRuleKind.ConnectionReset, 3, ApiFailure.Network)]
    [InlineData(FaultRuleKind.Html200, 2, ApiFailure.Answer)]
    [InlineData(FaultRuleKind.Unavailable503, 1, ApiFailure.Unavailable)]
    public async Task A_storm_ends_after_max_retries_with_growing_distance(FaultRuleKind kind, int tries, object expected)
    {
        await using var simulator = await StartAsync();
        simulator.Inject(new FaultRule { Kind = kind, Count = -1 });
        using var client = Client(simulator, tries: tries);

        var work = client.PingAsync(Stop);
        await PlayAsync(work, throws: true);

        var failure = await Assert.ThrowsAsync<ApiException>(() => work);
        Assert.Equal((ApiFailure)expected, failure.Failure);
        var asked = simulator.Requests.Entries;
        Assert.Equal((tries, tries), (asked.Count, client.Requests));
        // Jitter may shorten a distance, never to nothing; a 429 without Retry-After pauses for the first delay at least.
        var least = kind == FaultRuleKind.Throttled429 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(1);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= least, $"{pair.Second.At - pair.First.At}"));
    }

    [Theory]
    [InlineData(FaultRuleKind.Unauthorized401, ApiFailure.Credentials)]
    [InlineData(FaultRuleKind.Forbidden403, ApiFailure.Credentials)]
    [InlineData(FaultRuleKind.NotFound404, ApiFailure.NotFound)]
    public async Task What_another_try_does_not_change_is_asked_once(FaultRuleKind kind, object expected)
    {
        await using var simulator = await StartAsync();
        simulator.Inject(new FaultRule { Kind = kind, Count = -1 });
        using var client = Client(simulator, tries: 5);

        var failure = await Assert.ThrowsAsync<ApiException>(() => client.PingAsync(Stop));

        Assert.Equal(((ApiFailure)expected, 1), (failure.Failure, simulator.Requests.Count()));
    }

    [Fact]
    public async Task A_server_that_wants_an_hour_is_not_waited_for_by_anybody()
    {
        await using var simulator = await StartAsync();
        simulator.Inject(new FaultRule { Kind = FaultRuleKind.Throttled429, Count = -1, RetryAfter = TimeSpan.FromHours(1) });
        using var client = Client(simulator, concurrency: 4, tries: 5);

        await Assert.ThrowsAsync<ApiException>(() => client.PingAsync(Stop));
        for (var caller = 0; caller < 4; caller++)
        {
            Assert.Equal(ApiFailure.Throttled, (await Assert.ThrowsAsync<ApiException>(() => client.PingAsync(Stop))).Failure);
        }

        Assert.Equal(1, simulator.Requests.Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_cut_at_random_bytes_cost_a_repetition_and_no_byte(bool https)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var simulator = await StartAsync(https, threats: 12);
        using var client = Client(simulator, tries: 3);
        var query = new SearchQuery { ResultsPerPage = 100, Ids = [.. simulator.Threats.Select(threat => new ThreatId(threat.Type == "malware" ? ThreatType.Malware : ThreatType.Phish, threat.Id))] };
        var whole = await SearchAsync();

        for (var cut = 0; cut < 12; cut++)
        {
            simulator.Requests.Clear();
            simulator.Inject(new FaultRule { Kind = FaultRuleKind.CutBody, Route = "search", Bytes = random.Next(0, 20_000), Count = 1 });
            Assert.Equal(whole, await SearchAsync());
            Assert.Equal(2, simulator.Requests.Count("search"));
        }

        async Task<List<string>> SearchAsync()
        {
            var search = client.SearchAsync(query, Stop);
            await PlayAsync(search);
            using var page = await search;
            return [.. page.Threats.Select(threat => Encoding.UTF8.GetString(threat.Json.Span))];
        }
    }

    [Fact]
    public async Task An_answer_that_never_comes_ends_with_the_limit_of_a_try()
    {
        await using var simulator = await StartAsync();
        using var gate = simulator.Hold("feed");
        using var client = Client(simulator, tries: 2);
        var work = client.PingAsync(Stop);
        await gate.Reached.WaitAsync(Stop);

        await _clock.PlayAsync(work, TimeSpan.FromSeconds(120));

        var failure = await Assert.ThrowsAsync<ApiException>(() => work);
        Assert.Equal((ApiFailure.Network, 2), (failure.Failure, client.Requests));
        Assert.Contains("No complete answer arrived within 120 seconds", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_said_so()
    {
        using var client = Client(new Uri("https://api.phishme.invalid/apiv1"), 1, 2, authority: null);
        var work = client.PingAsync(Stop);
        await PlayAsync(work, throws: true);

        var failure = await Assert.ThrowsAsync<ApiException>(() => work);
        Assert.Equal((ApiFailure.Network, "The name api.phishme.invalid cannot be resolved."), (failure.Failure, failure.Message));
    }

    [Theory]
    [InlineData(true, "HTTP/1.1")]
    [InlineData(false, "HTTP/2")]
    public async Task Over_TLS_it_speaks_HTTP_2_and_with_old_servers_HTTP_1_1(bool http1Only, string protocol)
    {
        using var certificates = new TestCertificates();
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Https = true, Certificate = certificates.Server, Http1Only = http1Only, Threats = 250 }, Stop);
        using var installation = new Installation(simulator).Set("pm_api", "ca_file", certificates.AuthorityFile).WithOutput("json").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 250), (summary.ExitCode, summary.Outputs.Single().Threats));
        Assert.All(simulator.Requests.Entries, entry => Assert.Equal(protocol, entry.Protocol));
    }

    [Fact]
    public async Task A_run_under_a_lasting_storm_fails_cleanly_and_the_next_one_goes_on()
    {
        await using var simulator = await StartAsync(threats: 30);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        var position = installation.Position;
        simulator.Publish(7);
        simulator.Inject(new FaultRule { Kind = FaultRuleKind.Throttled429, Count = -1, Route = "search", RetryAfter = TimeSpan.FromSeconds(20) });

        var work = installation.RunAsync(clock: _clock);
        await PlayAsync(work);
        var failed = await work;

        Assert.Equal((ExitCode.ApiFailing, "ApiThrottled", position), (failed.ExitCode, failed.Fault!.Kind.Id, installation.Position));
        Assert.Equal(3, simulator.Requests.Entries.Count(entry => entry.Status == 429));
        simulator.ClearFaults();
        var next = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 7), (next.ExitCode, next.Outputs.Single().Threats));
    }

    [Fact]
    public async Task A_run_that_stalls_ends_at_its_deadline()
    {
        await using var simulator = await StartAsync(threats: 30);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "run_timeout_minutes", "1").Save();
        await installation.RunAsync();
        using var gate = simulator.Hold("updates");

        var work = installation.RunAsync(clock: _clock);
        await gate.Reached.WaitAsync(Stop);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var summary = await work;

        Assert.Equal((ExitCode.ApiFailing, "RunTimedOut"), (summary.ExitCode, summary.Fault!.Kind.Id));
    }

    private Task<ThreatHqSimulator> StartAsync(bool https = false, int threats = 0) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats, Clock = _clock, Https = https }, Stop);

    private ThreatHqClient Client(ThreatHqSimulator simulator, int concurrency = 1, int tries = 3) => Client(simulator.BaseUri, concurrency, tries, null);

    private ThreatHqClient Client(Uri uri, int concurrency, int tries, string? authority) => new(
        new ApiSettings
        {
            BaseUri = uri,
            User = SimulatorOptions.DefaultUser,
            Password = SimulatorOptions.DefaultPassword,
            VerifyTls = false,
            AuthorityFile = authority,
            InitialDate = DateTimeOffset.UnixEpoch,
            ResultsPerPage = 100,
            MaximumTries = tries,
            ExpiredThreatDays = 90,
            ConcurrentRequests = concurrency,
            RequestsPerSecond = 1000,
            RunTimeoutMinutes = 14,
        },
        proxy: null, "tests", new ApiTimings(), _clock, Logger.None);

    private async Task PlayAsync(Task work, bool throws = false)
    {
        await _clock.PlayAsync(work, LongestWait);
        if (!throws)
        {
            await work;
        }
    }
}
