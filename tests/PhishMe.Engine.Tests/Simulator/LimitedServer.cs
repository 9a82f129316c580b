using System.Net;
using System.Net.Http.Headers;
using System.Text;
using PhishMe.Engine.Tests.Network;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

/// <summary>The simulator as a server with limits.</summary>
public sealed class LimitedServer
{
    private readonly SteppedTime _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_its_rate_it_refuses_and_says_when_to_come_again()
    {
        await using var simulator = await StartAsync(new HostLimits { PerSecond = 0.5, Burst = 2, SaysRetryAfter = true });
        using var http = Client(simulator);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [await StatusAsync(http), await StatusAsync(http)]);
        using var refused = await http.GetAsync(new Uri("feed/", UriKind.Relative), Stop);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(2)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [await StatusAsync(http), await StatusAsync(http)]);

        simulator.Limits = new HostLimits(); // It changes its mind.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http));
    }

    [Fact]
    public async Task Beyond_its_workers_requests_wait()
    {
        await using var simulator = await StartAsync(new HostLimits { Workers = 2, Work = TimeSpan.FromSeconds(1) });
        using var http = Client(simulator);
        Task<HttpStatusCode>[] all = [.. Enumerable.Range(0, 3).Select(_ => StatusAsync(http))];

        await _clock.PlayAsync(Task.WhenAll(all), TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(all), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.True(_clock.Elapsed >= TimeSpan.FromSeconds(2), $"{_clock.Elapsed}");
    }

    [Fact]
    public async Task Beyond_what_it_can_take_it_hangs_up()
    {
        await using var simulator = await StartAsync(new HostLimits { HangsUpBeyond = 1 });
        using var http = Client(simulator);
        using var gate = simulator.Hold("feed");
        var first = StatusAsync(http);
        await gate.Reached.WaitAsync(Stop);

        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(http));

        gate.Release();
        Assert.Equal(HttpStatusCode.OK, await first);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("feed/", UriKind.Relative), Stop);
        return answer.StatusCode;
    }

    private static HttpClient Client(ThreatHqSimulator simulator)
    {
        var http = new HttpClient { BaseAddress = new Uri(simulator.BaseUri.AbsoluteUri + "/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{simulator.User}:{simulator.Password}")));
        return http;
    }

    private Task<ThreatHqSimulator> StartAsync(HostLimits limits) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Limits = limits, Clock = _clock }, Stop);
}
