using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class FaultsOnRequest : IAsyncLifetime
{
    private ThreatHqSimulator _simulator = null!;
    private ApiCaller _caller = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 }, Cancellation);
        _caller = new ApiCaller(_simulator);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_right_credentials()
    {
        using var stranger = new ApiCaller(_simulator);
        stranger.Authorize(_simulator.User, "wrong");
        Assert.Equal((HttpStatusCode.Unauthorized, "Failed to authorize"), await stranger.ProblemAsync("/feed/"));
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/feed/"));
    }

    [Fact]
    public async Task Compression_is_for_those_who_ask()
    {
        using var zipped = new ApiCaller(_simulator, gzip: true);
        var plain = await _caller.TextAsync("/threat/search?resultsPerPage=20");
        Assert.Equal(plain, await zipped.TextAsync("/threat/search?resultsPerPage=20"));
        Assert.Equal(["", "gzip"], _simulator.Requests.Entries.Select(entry => entry.AcceptEncoding));
        using var response = await _caller.SendAsync(HttpMethod.Get, "/threat/search?resultsPerPage=20");
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData(FaultRuleKind.Unauthorized401, HttpStatusCode.Unauthorized)]
    [InlineData(FaultRuleKind.Forbidden403, HttpStatusCode.Forbidden)]
    [InlineData(FaultRuleKind.NotFound404, HttpStatusCode.NotFound)]
    [InlineData(FaultRuleKind.Throttled429, HttpStatusCode.TooManyRequests)]
    [InlineData(FaultRuleKind.ServerError500, HttpStatusCode.InternalServerError)]
    [InlineData(FaultRuleKind.Unavailable503, HttpStatusCode.ServiceUnavailable)]
    [InlineData(FaultRuleKind.SuccessFalse, HttpStatusCode.OK)]
    public async Task A_status_goes_wrong_as_often_as_asked_on_its_route_only(FaultRuleKind kind, HttpStatusCode expected)
    {
        _simulator.Inject(new FaultRule { Route = "search", Kind = kind, Count = 2, Skip = 1 });
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/threat/search"));
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/feed/"));
        Assert.Equal(expected, (await _caller.ProblemAsync("/threat/search")).Status);
        Assert.Equal(expected, (await _caller.ProblemAsync("/threat/search")).Status);
        await _caller.DataAsync("/threat/search");
        Assert.Equal([null, null, kind.ToString(), kind.ToString(), null], _simulator.Requests.Entries.Select(entry => entry.Fault));
        Assert.Equal((int)expected, _simulator.Requests.Entries[2].Status);
    }

    [Fact]
    public async Task A_fault_for_one_threat_spares_the_others()
    {
        _simulator.Inject(new FaultRule { Route = "stix", Kind = FaultRuleKind.ServerError500, Count = -1, MatchId = "m_500001" });
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/t3/malware/500000/stix"));
        Assert.Equal(HttpStatusCode.InternalServerError, await _caller.StatusAsync("/t3/malware/500001/stix"));
        Assert.Equal(HttpStatusCode.InternalServerError, await _caller.StatusAsync("/t3/malware/500001/stix"));
        _simulator.ClearFaults();
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/t3/malware/500001/stix"));
    }

    [Fact]
    public async Task Throttling_says_how_long_in_seconds_as_a_date_or_not_at_all()
    {
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.Throttled429 });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.Throttled429, RetryAfter = TimeSpan.FromSeconds(7) });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.Unavailable503, RetryAfter = TimeSpan.FromSeconds(7), RetryAfterAsDate = true });
        using var none = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        using var seconds = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        using var date = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        Assert.Null(none.Headers.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(7), seconds.Headers.RetryAfter?.Delta);
        Assert.NotNull(date.Headers.RetryAfter?.Date);
    }

    [Fact]
    public async Task A_body_is_cut_and_a_connection_is_reset()
    {
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.CutBody, Bytes = 100 });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.ConnectionReset });
        await Assert.ThrowsAsync<HttpRequestException>(() => _caller.TextAsync("/threat/search?resultsPerPage=20"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _caller.TextAsync("/feed/"));
        Assert.Equal([200, 0], _simulator.Requests.Entries.Select(entry => entry.Status));
    }

    [Fact]
    public async Task A_slow_or_stalled_answer_is_the_right_one_in_the_end()
    {
        var expected = await _caller.TextAsync("/feed/");
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.SlowBody, Delay = TimeSpan.FromMilliseconds(1) });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.Stall, Delay = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(expected, await _caller.TextAsync("/feed/"));
        Assert.Equal(expected, await _caller.TextAsync("/feed/"));
    }

    [Fact]
    public async Task Answers_can_be_something_else_altogether()
    {
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.Html200 });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.GarbageBytes, Bytes = 50 });
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.HugeBody, Bytes = 300_000 });
        using var html = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        using var garbage = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        using var huge = await _caller.SendAsync(HttpMethod.Get, "/feed/");
        Assert.Equal("text/html", html.Content.Headers.ContentType?.MediaType);
        Assert.Equal(50, (await garbage.Content.ReadAsByteArrayAsync(Cancellation)).Length);
        Assert.Equal(300_000, (await huge.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    [Fact]
    public async Task Packages_and_lines_can_be_damaged()
    {
        _simulator.Inject(new FaultRule { Route = "stix", Kind = FaultRuleKind.MalformedXml });
        _simulator.Inject(new FaultRule { Route = "stix", Kind = FaultRuleKind.BareAmpersand });
        _simulator.Inject(new FaultRule { Route = "cef", Kind = FaultRuleKind.BlankCefLines });
        _simulator.Inject(new FaultRule { Route = "cef", Kind = FaultRuleKind.CefLinesWithoutId });
        var cut = await _caller.TextAsync("/t3/malware/500000/stix");
        var ampersand = await _caller.TextAsync("/t3/malware/500000/stix");
        Assert.Throws<System.Xml.XmlException>(() => XDocument.Parse(cut));
        Assert.Throws<System.Xml.XmlException>(() => XDocument.Parse(ampersand));
        XDocument.Parse(await _caller.TextAsync("/t3/malware/500000/stix"));
        Assert.Contains("\n\n", await _caller.TextAsync("/t3/malware/500000/cef"), StringComparison.Ordinal);
        Assert.DoesNotContain("externalId=", (await _caller.TextAsync("/t3/malware/500000/cef")).Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_can_lack_threats_that_exist()
    {
        _simulator.Inject(new FaultRule { Route = "search", Kind = FaultRuleKind.SearchLacksIds, MatchId = "m_500000,m_500002" });
        var data = await _caller.DataAsync("/threat/search?resultsPerPage=3&threatId=m_500000&threatId=m_500001&threatId=m_500002");
        Assert.Equal(["m_500001"], data.GetProperty("threats").EnumerateArray().Select(ApiCaller.Name));
    }

    [Fact]
    public async Task A_changelog_can_lack_its_position_or_be_exactly_full()
    {
        _simulator.Inject(new FaultRule { Route = "updates", Kind = FaultRuleKind.NextPositionMissing });
        _simulator.Inject(new FaultRule { Route = "updates", Kind = FaultRuleKind.Exactly1000ThenZero });
        Assert.False((await _caller.DataAsync("/threat/updates?timestamp=0")).TryGetProperty("nextPosition", out _));
        var full = await _caller.DataAsync("/threat/updates?timestamp=0");
        var empty = await _caller.DataAsync("/threat/updates?position=" + full.GetProperty("nextPosition").GetString());
        Assert.Equal(1000, full.GetProperty("changelog").GetArrayLength());
        Assert.Equal(0, empty.GetProperty("changelog").GetArrayLength());
    }

    [Fact]
    public async Task A_threat_can_change_or_vanish_while_it_is_fetched()
    {
        var position = _simulator.CurrentPosition;
        var before = _simulator.Json("m_500000").ToArray();
        _simulator.Inject(new FaultRule { Route = "detail", Kind = FaultRuleKind.ChangesBetween });
        _simulator.Inject(new FaultRule { Route = "search", Kind = FaultRuleKind.VanishesBetween, MatchId = "m_500001" });
        var changed = await _caller.DataAsync("/threat/malware/500000");
        var found = await _caller.DataAsync("/threat/search?resultsPerPage=2&threatId=m_500000&threatId=m_500001");
        var later = await _caller.DataAsync("/threat/updates?position=" + position);
        Assert.NotEqual(System.Text.Encoding.UTF8.GetString(before), changed.GetRawText());
        Assert.Equal(["m_500000"], found.GetProperty("threats").EnumerateArray().Select(ApiCaller.Name));
        Assert.Equal([false, true], later.GetProperty("changelog").EnumerateArray().Select(entry => entry.GetProperty("deleted").GetBoolean()));
    }

    [Fact]
    public async Task A_password_can_change_in_the_middle()
    {
        _simulator.Inject(new FaultRule { Kind = FaultRuleKind.RotateCredentials, Skip = 1 });
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/feed/"));
        Assert.Equal(HttpStatusCode.Unauthorized, await _caller.StatusAsync("/feed/"));
        _caller.Authorize(_simulator.User, _simulator.Password);
        Assert.Equal(HttpStatusCode.OK, await _caller.StatusAsync("/feed/"));
    }

    [Fact]
    public async Task A_gate_holds_requests_until_it_is_opened()
    {
        using var gate = _simulator.Hold("search", skip: 1);
        await _caller.DataAsync("/threat/search");
        var held = _caller.DataAsync("/threat/search");
        await gate.Reached.WaitAsync(Cancellation);
        await _caller.DataAsync("/feed/");
        Assert.False(held.IsCompleted);
        gate.Release();
        await held;
        Assert.Equal(new Dictionary<string, int> { ["feed"] = 1, ["search"] = 2 }, _simulator.Requests.CountByRoute());
        Assert.Equal(2, _simulator.Requests.PeakInFlight);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_what_is_held()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Cancellation);
        using var caller = new ApiCaller(simulator);
        var gate = simulator.Hold("*");
        var held = caller.SendAsync(HttpMethod.Get, "/feed/");
        await gate.Reached.WaitAsync(Cancellation);
        await simulator.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => held);
    }

    [Fact]
    public async Task Another_process_can_steer_it()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_simulator.BaseUri, "/_simulator/") };
        async Task<JsonElement> PostAsync(string action, object? body = null)
        {
            using var response = await client.PostAsJsonAsync(action, body ?? new { }, Cancellation);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
            return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        }

        var published = (await PostAsync("publish?count=1")).GetProperty("ids")[0].GetString()!;
        await PostAsync("republish?id=" + published);
        await PostAsync("withdraw?id=" + published);
        await PostAsync("restore?id=" + published);
        await PostAsync("republish-unchanged?moveDate=false&id=" + published);
        var document = await PostAsync("publish", JsonDocument.Parse(FactSheet.PhishB).RootElement);
        Assert.Equal("p_8800002", document.GetProperty("ids")[0].GetString());
        Assert.Equal(_simulator.Cef("p_8800002"), await client.GetStringAsync("cef?id=p_8800002", Cancellation));

        await PostAsync("faults", new { route = "feed", kind = "Throttled429", retryAfter = "00:00:03" });
        Assert.Equal(HttpStatusCode.TooManyRequests, await _caller.StatusAsync("/feed/"));
        var gate = (await PostAsync("hold?route=feed")).GetProperty("gate").GetInt64();
        var held = _caller.StatusAsync("/feed/");
        await client.GetStringAsync($"hold?gate={gate}", Cancellation);
        await PostAsync($"release?gate={gate}");
        Assert.Equal(HttpStatusCode.OK, await held);

        var log = JsonDocument.Parse(await client.GetStringAsync("requests", Cancellation)).RootElement;
        Assert.Equal(2, log.GetProperty("routes").GetProperty("feed").GetInt32());
        Assert.Equal(_simulator.CurrentPosition, JsonDocument.Parse(await client.GetStringAsync("position", Cancellation)).RootElement.GetProperty("position").GetString());
        await PostAsync("clear");
        Assert.Equal(0, _simulator.Requests.Count());
        using var unknown = await client.PostAsync("withdraw?id=m_1", null, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task TLS_is_served_with_a_certificate_of_its_own()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Https = true }, Cancellation);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        using var trusting = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20 };
        using var response = await trusting.GetAsync(simulator.BaseUri.AbsoluteUri + "/feed/", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("HTTP/2", simulator.Requests.Entries[0].Protocol);

        using var strict = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => strict.GetAsync(simulator.BaseUri.AbsoluteUri + "/feed/", Cancellation));
    }
}
