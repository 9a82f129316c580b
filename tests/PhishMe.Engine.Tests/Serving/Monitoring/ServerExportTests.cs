using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Store;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>The server sends its meter every minute, and serves whatever becomes of that.</summary>
public sealed class ServerExportTests : IDisposable
{
    private const string Key = "a-key-that-is-for-the-collector-alone";
    private const string Password = "the-password-of-a-reader";

    private readonly SemaphoreSlim _exported = new(0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _exported.Dispose();

    [Fact]
    public async Task Requests_readers_and_the_age_of_the_position_leave_every_minute()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var served = await StartAsync(receiver, clock);

        var first = await FirstAsync(receiver);
        Assert.Equal(("phishme-server", Key), (first.Resource["service.name"], first.Headers["api-key"]));
        Assert.Equal(1, first.Value("phishme_store_threats"));
        Assert.DoesNotContain(first.Metrics, metric => metric.Name.StartsWith("phishme_run_", StringComparison.Ordinal));

        served.Taxii.DefaultRequestHeaders.Authorization = ServedFolder.Basic("reader", Password);
        using (await served.Taxii.GetAsync(new Uri("intel/collections/all/objects/", UriKind.Relative), Stop))
        using (await served.Taxii.GetAsync(new Uri("nothing", UriKind.Relative), Stop))
        {
        }

        var second = await NextAsync(receiver, clock);
        var requests = second.Metrics.Single(metric => metric.Name == "phishme_server_requests_total");
        Assert.Equal((true, 2UL, true), (requests.IsSum, requests.Temporality, requests.IsMonotonic));
        Assert.Equal(1, second.Value("phishme_server_requests_total", ("section", "taxii_server"), ("status", "404")));
        Assert.Equal(first.Metrics.Count == 0 ? 0UL : requests.Points[0].Start, requests.Points[^1].Start);
        Assert.True(requests.Points[0].Start < requests.Points[0].Time);
        Assert.Equal(1, second.Value("phishme_reader_at_end", ("collection", "all"), ("user", "reader")));
        Assert.DoesNotContain(Password, second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_fails_for_a_while_is_one_line_and_one_when_it_is_back()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Status = 503;
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var served = await StartAsync(receiver, clock);

        await FirstAsync(receiver);
        await NextAsync(receiver, clock);
        await NextAsync(receiver, clock);
        receiver.Status = 200;
        await NextAsync(receiver, clock);
        await NextAsync(receiver, clock);
        receiver.Status = 500;
        await NextAsync(receiver, clock);
        receiver.Status = 200;
        await NextAsync(receiver, clock);

        string[] lines = [.. served.Log.Split('\n').Where(line => line.Contains("ollector", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("ollector", StringComparison.Ordinal) - 1)..].TrimEnd())];
        Assert.Equal(4, lines.Length);
        Assert.Contains("answered 503", lines[0], StringComparison.Ordinal);
        Assert.Contains("takes figures again", lines[1], StringComparison.Ordinal);
        Assert.Contains("answered 500", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain(Key, served.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_never_answers_keeps_no_reader_waiting_and_no_stop()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Hangs = true;
        var served = await StartAsync(receiver, new FakeTimeProvider(DateTimeOffset.UtcNow));
        await receiver.NextAsync();

        served.Feed.DefaultRequestHeaders.Authorization = ServedFolder.Basic("reader", Password);
        Assert.Contains("phishme_store_threats 1", await served.Feed.GetStringAsync(new Uri("metrics", UriKind.Relative), Stop), StringComparison.Ordinal);
        await served.DisposeAsync();
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_leaves_the_figures_of_the_server()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var served = await ServedFolder.StartAsync(store => File.WriteAllText(store.StatePath, new string('x', 10_000)), Sections(receiver));
        await receiver.NextAsync();
        await using var again = await ServedFolder.StartAsync(sections: Sections(receiver));

        Assert.DoesNotContain((await receiver.NextAsync()).Metrics, metric => metric.Name.StartsWith("phishme_run_", StringComparison.Ordinal));
    }

    /// <summary>The export at the start, when it is over: the clock must not move while the server waits for an answer.</summary>
    private async Task<OtlpRequest> FirstAsync(OtlpReceiver receiver)
    {
        var request = await receiver.NextAsync();
        await _exported.WaitAsync(Stop);
        return request;
    }

    /// <summary>The timer is set before the first export, so that a minute later there is another one.</summary>
    private Task<OtlpRequest> NextAsync(OtlpReceiver receiver, FakeTimeProvider clock)
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        return FirstAsync(receiver);
    }

    private Task<ServedFolder> StartAsync(OtlpReceiver receiver, TimeProvider clock) => ServedFolder.StartAsync(
        store => store.Put(ThreatBuilder.Malware(1).Domain("a.example")),
        Sections(receiver),
        new EngineSettings { Clock = clock, Step = name => _ = name == "figures-exported" ? _exported.Release() : 0 });

    private static string Sections(OtlpReceiver receiver) => ServedFolder.BothServers.Replace("use = True\n", $"use = True\nauth_basic_user = reader\nauth_basic_pass = {Password}\n", StringComparison.Ordinal)
        + $"[local_metrics]\notlp_endpoint = {receiver.Address}\notlp_headers = api-key={Key}\n";
}
