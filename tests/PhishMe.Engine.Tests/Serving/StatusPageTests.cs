using System.Net;
using System.Text.Json.Nodes;
using PhishMe.Engine.Running;
using PhishMe.Engine.Serving.Pages;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>The status page, its search and its threats, and the figures beside it.</summary>
public sealed class StatusPageTests
{
    /// <summary>Markup in each place that an attacker writes.</summary>
    public const string Hostile = "<script>alert('x')</script>\"onmouseover=\"alert(1)\u202Egpj.exe";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_shows_runs_destinations_what_is_in_the_store_and_the_feeds()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 12 }, Token);
        using var installation = Served(simulator);
        var run = await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var answer = await served.Feed.GetAsync(new Uri("", UriKind.Relative), Token);
        var page = await answer.Content.ReadAsStringAsync(Token);

        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8", "no-store"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString(), answer.Headers.CacheControl!.ToString()));
        Assert.Contains("<dt>Last run</dt><dd class=\"good\">Done</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Position</dt><dd class=\"good\">less than a minute old</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Threats in the store</dt><dd class=\"\">12</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<code>raw_json</code></td><td class=\"good\">up to date</td>", page, StringComparison.Ordinal);
        Assert.Contains($"<td class=\"n\">{run.Received}</td>", page, StringComparison.Ordinal);
        Assert.Contains("<svg ", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/feeds/paloalto_minemeld/domain.txt\">", page, StringComparison.Ordinal);
        Assert.Contains("Nothing is set aside.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_and_a_failing_destination_say_why()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = Served(simulator);
        await installation.RunAsync();
        installation.Set("pm_api", "pass", new string('x', 32)).Save();
        var bad = await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        var page = await served.Feed.GetStringAsync(new Uri("", UriKind.Relative), Token);

        Assert.Contains("<dd class=\"bad\">CredentialsRefused</dd>", page, StringComparison.Ordinal);
        Assert.Contains(new HtmlText().Text(bad.Fault!.Message).ToString(), page, StringComparison.Ordinal);
        Assert.Contains("old</dd>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_attackers_write_is_text_on_every_page()
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(HostileThreats()));

        foreach (var address in (string[])["", "threats/m_1", "threats/p_2", $"search?q={Uri.EscapeDataString(Hostile)}", "search?q=evil.example", "search?q=m_1"])
        {
            using var answer = await served.Feed.GetAsync(new Uri(address, UriKind.Relative), Token);
            var page = await answer.Content.ReadAsStringAsync(Token);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"onmouseover", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('\u202E', page);
            Assert.DoesNotContain("href=\"javascript:", page, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_threat_shows_its_indicators_so_that_no_one_clicks_on_them()
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(
            ThreatBuilder.Malware(1).Domain("evil.example").Url("https://evil.example/x").IPv4("192.0.2.7").Block("Email", "who@evil.example")).Withdraw("m_1"));

        var page = await served.Feed.GetStringAsync(new Uri("threats/m_1", UriKind.Relative), Token);

        Assert.Contains(">evil[.]example</a>", page, StringComparison.Ordinal);
        Assert.Contains(">hxxps://evil[.]example/x</a>", page, StringComparison.Ordinal);
        Assert.Contains(">192[.]0[.]2[.]7</a>", page, StringComparison.Ordinal);
        Assert.Contains("who[@]evil[.]example", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"https://evil", page, StringComparison.Ordinal);
        Assert.Contains("withdrew this threat", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", "m_1")]
    [InlineData("hxxps://evil[.]example/x", "m_1")]
    [InlineData("sub.evil.example", "m_1")]
    [InlineData("Dyre", "m_1")]
    [InlineData("Example Bank", "p_2")]
    [InlineData("p_2", "p_2")]
    public async Task The_search_finds(string words, string expected)
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(Threats()));

        var page = await served.Feed.GetStringAsync(new Uri($"search?q={Uri.EscapeDataString(words)}", UriKind.Relative), Token);

        Assert.Contains($"<a href=\"/threats/{expected}\">", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.example")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("' OR 1=1 --")]
    public async Task The_search_says_that_there_is_nothing(string words)
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(Threats()));

        var page = await served.Feed.GetStringAsync(new Uri($"search?q={Uri.EscapeDataString(words)}", UriKind.Relative), Token);

        Assert.Contains("Nothing in the store matches.", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("threats/m_99", HttpStatusCode.NotFound)]
    [InlineData("threats/x", HttpStatusCode.NotFound)]
    [InlineData("threats/m_1/more", HttpStatusCode.NotFound)]
    [InlineData("threats/", HttpStatusCode.NotFound)]
    public async Task A_threat_that_is_not_there_is_404(string address, HttpStatusCode expected)
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(Threats()));

        using var answer = await served.Feed.GetAsync(new Uri(address, UriKind.Relative), Token);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Figures_are_those_of_the_text_file_and_what_became_of_them()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Token);
        using var installation = Served(simulator).Set("local_metrics", "textfile", "run.prom");
        installation.Save();
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var answer = await served.Feed.GetAsync(new Uri("metrics", UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        var again = await served.Feed.GetStringAsync(new Uri("metrics", UriKind.Relative), Token);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.StartsWith(await File.ReadAllTextAsync(installation.InFolder("run.prom"), Token), text, StringComparison.Ordinal);
        Assert.Contains("\nphishme_position_age_seconds ", text, StringComparison.Ordinal);
        Assert.Contains("\nphishme_store_threats 5\n", text, StringComparison.Ordinal);
        Assert.Contains("\nphishme_server_requests_total{section=\"feed_server\",status=\"200\"} 1\n", again, StringComparison.Ordinal);
        Assert.All(again.Split('\n').Where(line => line.Length > 0 && line[0] != '#'), line => Assert.Matches("^[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? -?[0-9.E+-]+$", line));
    }

    [Fact]
    public async Task Health_is_whether_the_state_can_be_read()
    {
        await using var served = await ServedFolder.StartAsync(store => File.WriteAllText(store.StatePath, new string('x', 10_000)));
        await using var empty = await ServedFolder.StartAsync();

        foreach (var (client, expected) in ((HttpClient, HttpStatusCode)[])[(served.Feed, HttpStatusCode.ServiceUnavailable), (empty.Feed, HttpStatusCode.OK)])
        {
            foreach (var address in (string[])["healthz", "", "metrics"])
            {
                using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Token);

                Assert.Equal(expected, answer.StatusCode);
                if (expected == HttpStatusCode.ServiceUnavailable)
                {
                    Assert.DoesNotContain("state.db", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task Where_the_page_is_off_there_is_none()
    {
        await using var served = await ServedFolder.StartAsync();

        using var answer = await served.Taxii.GetAsync(new Uri("metrics", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_dashboard_is_the_same_page_and_needs_no_server()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Token);
        using var installation = Served(simulator);
        await installation.RunAsync();

        var page = await new IntelligenceEngine(new EngineSettings()).GetDashboardAsync(installation.ConfigurationPath, Token);

        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Threats in the store</dt><dd class=\"\">5</dd>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
    }

    /// <summary>Threats whose every text is markup.</summary>
    public static IEnumerable<JsonObject> HostileThreats()
    {
        var malware = ThreatBuilder.Malware(1).Domain("evil.example", role: Hostile).Block("Domain Name", "evil2.example", family: Hostile)
            .File("0cc175b9c0f1b6a831c399e269772661", Hostile).Url($"https://evil.example/{Hostile}");
        malware["label"] = Hostile;
        malware["executiveSummary"] = Hostile;
        malware["threatDetailURL"] = "javascript:alert(1)";
        malware["malwareFamilySet"] = new JsonArray(new JsonObject { ["familyName"] = Hostile, ["description"] = Hostile });
        var phish = ThreatBuilder.Phish(2, "https://evil.example/login");
        phish["title"] = Hostile;
        phish["brands"] = new JsonArray(new JsonObject { ["id"] = 1, ["text"] = Hostile });
        return [malware, phish];
    }

    private static IEnumerable<JsonObject> Threats()
    {
        var malware = ThreatBuilder.Malware(1).Domain("evil.example").Url("https://evil.example/x");
        malware["malwareFamilySet"] = new JsonArray(new JsonObject { ["familyName"] = "Dyre", ["description"] = "Steals." });
        return [malware, ThreatBuilder.Phish(2, "https://login.example/")];
    }

    private static Installation Served(ThreatHqSimulator simulator) => new Installation(simulator).WithOutput("json")
        .Set("local_sqlite", "use", "True")
        .Set("integration_paloalto_minemeld", "use", "True")
        .Set("integration_paloalto_minemeld", "output_dir", "minemeld")
        .Set("feed_server", "use", "True")
        .Set("feed_server", "listen", "http://127.0.0.1:0/")
        .Save();
}
