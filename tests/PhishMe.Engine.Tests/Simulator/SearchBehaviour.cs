using System.Net;
using System.Text;
using System.Text.Json;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class SearchBehaviour : IAsyncLifetime
{
    private ThreatHqSimulator _simulator = null!;
    private ApiCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 250 }, TestContext.Current.CancellationToken);
        _caller = new ApiCaller(_simulator);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Pages_hold_every_threat_once_and_the_bytes_of_each()
    {
        var seen = new List<string>();
        for (int page = 0, pages = 1; page < pages; page++)
        {
            var data = await _caller.DataAsync($"/threat/search?resultsPerPage=100&page={page}");
            pages = data.GetProperty("page").GetProperty("totalPages").GetInt32();
            Assert.Equal(page, data.GetProperty("page").GetProperty("currentPage").GetInt32());
            Assert.Equal(250, data.GetProperty("page").GetProperty("totalElements").GetInt32());
            foreach (var threat in data.GetProperty("threats").EnumerateArray())
            {
                var name = ApiCaller.Name(threat);
                seen.Add(name);
                Assert.Equal(Encoding.UTF8.GetString(_simulator.Json(name).Span), threat.GetRawText());
            }
        }

        Assert.Equal(_simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}"), seen);
    }

    [Fact]
    public async Task A_page_behind_the_end_and_a_search_without_result_are_empty()
    {
        var behind = await _caller.DataAsync("/threat/search?resultsPerPage=100&page=3");
        Assert.Empty(behind.GetProperty("threats").EnumerateArray());
        var none = await _caller.DataAsync("/threat/search?resultsPerPage=100&malwareFamily=Nobody");
        Assert.Equal(0, none.GetProperty("page").GetProperty("totalPages").GetInt32());
    }

    [Theory]
    [InlineData("resultsPerPage=101")]
    [InlineData("resultsPerPage=0")]
    [InlineData("resultsPerPage=x")]
    [InlineData("threatType=MALWARE")]
    [InlineData("threatId=900101")]
    [InlineData("trheatId=m_1")]
    [InlineData("page=1&page=2")]
    public async Task What_cannot_be_understood_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _caller.ProblemAsync("/threat/search?" + query)).Status);

    [Fact]
    public async Task Named_threats_come_in_any_number_and_unknown_ones_are_just_not_there()
    {
        string[] names = [.. _simulator.Threats.Take(100).Select(threat => $"{threat.Type[0]}_{threat.Id}")];
        var query = string.Concat(names.Select(name => "&threatId=" + name));
        var data = await _caller.DataAsync($"/threat/search?resultsPerPage=100{query[..^names[^1].Length]}m_1");
        Assert.Equal(names[..^1], data.GetProperty("threats").EnumerateArray().Select(ApiCaller.Name));
    }

    [Fact]
    public async Task Parameters_may_come_as_a_form()
    {
        (var type, var id) = _simulator.Threats[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["threatId"] = $"{type[0]}_{id}" });
        using var response = await _caller.SendAsync(HttpMethod.Post, "/threat/search/", form);
        var data = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("data");
        Assert.Equal(1, data.GetProperty("page").GetProperty("totalElements").GetInt32());
        Assert.Equal([$"{type[0]}_{id}"], _simulator.Requests.Entries[^1].Ids);
    }

    [Fact]
    public async Task The_bounds_of_a_window_belong_to_it_and_are_seconds()
    {
        _simulator.Publish(Encoding.UTF8.GetBytes(FactSheet.PhishB)); // lastDate 1750834710000
        Assert.Equal(1, await TotalAsync("threatNativeId=8800002&beginTimestamp=1750834710&endTimestamp=1750834710"));
        Assert.Equal(0, await TotalAsync("threatNativeId=8800002&beginTimestamp=1750834711"));
        Assert.Equal(0, await TotalAsync("threatNativeId=8800002&endTimestamp=1750834709"));
        Assert.Equal(0, await TotalAsync("threatNativeId=8800002&beginTimestamp=1750834710000"));
    }

    [Theory]
    [InlineData("malwareSubject=%E6%94%AF%E6%89%95%E3%81%84%E9%80%9A%E7%9F%A5&threatNativeId=900102", "m_900102")]
    [InlineData("malwareArtifactMD5=32DDD67E04B4A12E19575E12EE09ED83", "m_900102")]
    [InlineData("malwareFamily=Demo RAT&malwareWatchListIp=192.0.2.88&threatNativeId=900102", "m_900102")]
    [InlineData("malwareWatchListDomain=malware.example", "m_900101")]
    [InlineData("malwareWatchListUrlSearch=malware.example/get", "m_900101")]
    [InlineData("malwareWatchListUrlSearch=\"https://files.malware.example/get.php?id%3D7%26t%3Da\"", "m_900101")]
    [InlineData("watchListEmail=drop@mail.example", "m_900101")]
    [InlineData("watchlistEmailAddress=drop@mail.example", "m_900101")]
    [InlineData("extractedString=mutex-900101", "m_900101")]
    [InlineData("malwareSenderIp=198.51.100.23&threatNativeId=900101", "m_900101")]
    [InlineData("malwareFile=svchelper.exe", "m_900101")]
    [InlineData("threatIp=198.51.100.77&threatDomain=phish.example", "p_8800001")]
    [InlineData("reportedDomain=short.example", "p_8800001")]
    [InlineData("actionUrlSearch=post.php&kitFile=bank.zip", "p_8800001")]
    [InlineData("dropMail=collector@mail.example&hasKit=true", "p_8800001")]
    [InlineData("webComponentMD5=4724e7f8c7ef95827197ec0d6101254e", "p_8800001")]
    [InlineData("phishingASN=64501&phishingASNCountryCode=GB&threatNativeId=8800001", "p_8800001")]
    [InlineData("allMD5=88e2865e03a3a4199c097b705a682b05", "p_8800001")]
    [InlineData("urlSearch=short.example", "p_8800001")]
    [InlineData("domain=login.phish.example", "p_8800001")]
    [InlineData("brand=Generic Threat&hasKit=false&threatNativeId=8800002", "p_8800002")]
    public async Task Fields_are_searched(string query, string expected)
    {
        foreach (var document in new[] { FactSheet.MalwareA, FactSheet.MalwareB, FactSheet.PhishA, FactSheet.PhishB })
        {
            _simulator.Publish(Encoding.UTF8.GetBytes(document));
        }

        var data = await _caller.DataAsync("/threat/search?resultsPerPage=100&" + query);
        Assert.Equal([expected], data.GetProperty("threats").EnumerateArray().Select(ApiCaller.Name));
    }

    [Theory]
    [InlineData("malware", 175)]
    [InlineData("phish", 75)]
    [InlineData("all", 250)]
    public async Task A_product_is_searched(string type, int expected) => Assert.Equal(expected, await TotalAsync("threatType=" + type));

    [Fact]
    public async Task Details_reports_and_windows_are_there_for_what_exists()
    {
        (var type, var id) = _simulator.Threats.First(threat => threat.Type == "malware");
        Assert.Equal(_simulator.Stix(type, id), await _caller.TextAsync($"/t3/{type}/{id}/stix"));
        Assert.Equal(_simulator.Cef(type, id), await _caller.TextAsync($"/t3/{type}/{id}/cef"));
        Assert.Contains("\r\n", await _caller.TextAsync($"/t3/{type}/{id}/html"), StringComparison.Ordinal);
        var detail = await _caller.DataAsync($"/threat/{type}/{id}");
        Assert.Equal(Encoding.UTF8.GetString(_simulator.Json(type, id).Span), detail.GetRawText());
        foreach (var path in new[] { "/t3/malware/1/stix", "/t3/malware/1/cef", "/t3/phish/8900001/html", "/threat/phish/1", "/feed/1", "/nothing", "/screenshot/1" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _caller.ProblemAsync(path)).Status);
        }
    }

    [Fact]
    public async Task A_window_of_CEF_holds_the_lines_of_its_threats_without_a_blank_one()
    {
        var all = await _caller.TextAsync("/t3/cef?beginTimestamp=0&endTimestamp=1751241600");
        var expected = _simulator.Threats.Select(threat => _simulator.Cef(threat.Type, threat.Id)).Where(lines => lines.Length > 0);
        Assert.Equal(string.Join('\n', expected), all);
        Assert.DoesNotContain("\n\n", all, StringComparison.Ordinal);
        Assert.Equal("", await _caller.TextAsync("/t3/cef?beginTimestamp=0&endTimestamp=1"));
    }

    [Fact]
    public async Task Indicators_are_listed_in_pages()
    {
        var first = await _caller.DataAsync("/indicator/search?resultsPerPage=100&page=0&sinceLastPublished=0");
        var total = first.GetProperty("page").GetProperty("totalElements").GetInt32();
        var last = await _caller.DataAsync($"/indicator/search?resultsPerPage=100&page={(total - 1) / 100}&sinceLastPublished=0");
        Assert.Equal(100, first.GetProperty("indicators").GetArrayLength());
        Assert.Equal(total % 100, last.GetProperty("indicators").GetArrayLength() % 100);
        Assert.NotEqual("", first.GetProperty("indicators")[0].GetProperty("ioc").GetString());
    }

    private async Task<int> TotalAsync(string query) =>
        (await _caller.DataAsync("/threat/search?resultsPerPage=1&" + query)).GetProperty("page").GetProperty("totalElements").GetInt32();
}
