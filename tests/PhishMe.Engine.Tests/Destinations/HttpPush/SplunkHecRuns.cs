using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>Whole runs to Splunk's collector: acknowledgement, compression, and a collector that is down for a day.</summary>
public sealed class SplunkHecRuns
{
    private const string Section = "integration_splunk_hec";
    private const string Token = "8a1f2c3d-token-of-tests";

    private static readonly ScenarioThreat _small = new() { Number = 8800001, Domains = ["one.example", "two.example"] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Case", "T11")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_limit_counts_bytes_before_compression_and_one_event_that_is_too_large_is_one_dead_letter(bool gzip)
    {
        var splunk = new SplunkCollector(Token);
        await using var server = await ProductServer.StartAsync(splunk);
        await using var api = await ApiAsync(
            [_small, _small with { Number = 8800002, Label = new string('x', 6 * 1024 * 1024) }, .. Enumerable.Range(3, 8).Select(n => _small with { Number = 8800000 + n, Label = new string('y', 200_000) })]);
        using var installation = Installed(api, server).Set(Section, "json_raw", "1").Set(Section, "gzip", gzip.ToString()).Set(Section, "batch_kb", "900").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.Destinations.Single().Rejected));
        Assert.Equal([8800001, .. Enumerable.Range(8800003, 8)], splunk.Indexed.Select(IdOf).Order());
        Assert.All(server.Requests, request => Assert.Equal(gzip ? "gzip" : null, request.Header("Content-Encoding")));
        using var state = StateStore.Open(installation.StatePath);
        var letter = Assert.Single(await state.GetDeadLettersAsync(Stop));
        Assert.Equal("m_8800002", letter.Place.Threat?.ToString());
        Assert.Contains("bytes", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Case", "T01")]
    public async Task With_acknowledgement_nothing_leaves_the_queue_before_it_is_indexed_and_a_lost_answer_costs_one_more_copy()
    {
        var splunk = new SplunkCollector(Token) { HasAcknowledgement = true, LosesAcknowledgements = true };
        await using var server = await ProductServer.StartAsync(splunk);
        await using var api = await ApiAsync([_small]);
        using var installation = Installed(api, server).Set(Section, "json_raw", "0").Set(Section, "json_blockset", "1").Set(Section, "use_ack", "True").Save();

        var lost = await installation.RunAsync(clock: new HastyClock());

        Assert.Equal((ExitCode.OutputFailed, 2L, 0L), (lost.ExitCode, lost.Destinations.Single().Waiting, lost.Destinations.Single().Sent));
        splunk.LosesAcknowledgements = false;
        var found = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 0L, 2L), (found.ExitCode, found.Destinations.Single().Waiting, found.Destinations.Single().Sent));
        var requests = server.Count;
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(requests, server.Count);
        Assert.All(splunk.Indexed.CountBy(text => text), copies => Assert.Equal(2, copies.Value));
        // The same channel in every run: an indexer knows its acknowledgements by it.
        Assert.Single(server.Requests.Select(request => request.Header("X-Splunk-Request-Channel")).Distinct());
    }

    [Fact]
    [Trait("Case", "T01")]
    public async Task Events_for_an_index_that_is_not_there_are_never_confirmed_with_acknowledgement_and_stay_queued()
    {
        var splunk = new SplunkCollector(Token) { HasAcknowledgement = true, KeepsNothing = true, Indexes = new HashSet<string> { "main", "nowhere" } };
        await using var server = await ProductServer.StartAsync(splunk);
        await using var api = await ApiAsync([_small]);
        using var installation = Installed(api, server).Set(Section, "json_raw", "0").Set(Section, "json_blockset", "1")
            .Set(Section, "use_ack", "True").Set(Section, "index", "nowhere").Save();

        var summary = await installation.RunAsync(clock: new HastyClock());

        Assert.Equal((ExitCode.OutputFailed, 2L, 0L), (summary.ExitCode, summary.Destinations.Single().Waiting, summary.Destinations.Single().Sent));
        Assert.Empty(splunk.Indexed);
    }

    [Fact]
    public async Task A_collector_that_is_down_for_a_day_costs_a_bounded_queue_and_gets_everything_in_order()
    {
        const int Limit = 1024 * 1024;
        var splunk = new SplunkCollector(Token);
        await using var server = await ProductServer.StartAsync(splunk);
        await using var api = await ApiAsync([_small]);
        using var installation = Installed(api, server).Set(Section, "json_raw", "1").Set(Section, "queue_max_mb", "1").Set(Section, "max_retries", "1").Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        server.Always(_ => ProductAnswer.Json(503, """{"text":"Server is busy","code":9}"""));
        var published = new List<long> { _small.Number };
        for (var hour = 1; hour <= 24; hour++)
        {
            published.Add(_small.Number + hour);
            api.Publish((_small with { Number = _small.Number + hour, Label = new string('z', 100_000) }).Json());

            var down = await installation.RunAsync(clock: new LaterClock(TimeSpan.FromHours(hour)));

            Assert.Equal(ExitCode.OutputFailed, down.ExitCode);
            Assert.Equal(api.CurrentPosition, installation.Position);
            using var state = StateStore.Open(installation.StatePath);
            // The batch that does not fit any more is still taken.
            Assert.InRange((await state.GetQueueDepthAsync(new DestinationId("splunk_hec"), Stop)).Bytes, 1, Limit + 500_000);
        }

        // Up again, and busy: at its own pace.
        var busy = 0;
        server.Always(_ => ++busy % 3 == 1 ? ProductAnswer.Json(429, "{}") with { Headers = [new("Retry-After", "0")] } : null);
        installation.Set(Section, "max_retries", "5").Save(installation.Position);
        var up = await installation.RunAsync(clock: new LaterClock(TimeSpan.FromHours(25)));

        Assert.Equal((ExitCode.Done, 0L), (up.ExitCode, up.Destinations.Single().Waiting));
        Assert.Equal(published, splunk.Indexed.Select(IdOf));
    }

    private static long IdOf(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("event").GetProperty("id").GetInt64();
    }

    private static async Task<ThreatHqSimulator> ApiAsync(IEnumerable<ScenarioThreat> threats)
    {
        var api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        foreach (var threat in threats)
        {
            api.Publish(threat.Json());
        }

        return api;
    }

    private static Installation Installed(ThreatHqSimulator api, ProductServer server) => new Installation(api).Set("local_sqlite", "use", "True")
        .Set(Section, "use", "True").Set(Section, "token", Token).Set(Section, "event_url", string.Create(CultureInfo.InvariantCulture, $"{server.Address}services/collector/event"));

    /// <summary>Real time, some hours later.</summary>
    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    /// <summary>A clock on which a wait of minutes is over in milliseconds.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private const int Times = 2000;

        private readonly long _origin = System.GetTimestamp();

        public override long GetTimestamp() => _origin + ((System.GetTimestamp() - _origin) * Times);

        public override long TimestampFrequency => System.TimestampFrequency;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(
            callback, state, dueTime > TimeSpan.FromSeconds(15) || dueTime < TimeSpan.Zero ? dueTime : dueTime / Times, period);
    }
}
