using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>The pages in a real browser: what it shows, what it complains about, and whether the keyboard is enough.</summary>
public sealed class BrowserTests
{
    private const int Tab = 9;

    /// <summary>Names a folder that pictures of the pages are left in, to be looked at.</summary>
    private const string PicturesVariable = "PHISHME_PICTURES";

    /// <summary>How many texts have letters of less than 12 pixels on the screen, however the drawing around them is scaled.</summary>
    private const string SmallTexts =
        """
        (() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let small = 0;
          while (walker.nextNode()) {
            const holder = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || ['title', 'STYLE'].includes(holder.tagName)) continue;
            const scale = holder.ownerSVGElement ? holder.getScreenCTM().d : 1;
            if (parseFloat(getComputedStyle(holder).fontSize) * scale < 12) small++;
          }
          return small;
        })()
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1200, "light")]
    [InlineData(1200, "dark")]
    [InlineData(360, "light")]
    [InlineData(360, "dark")]
    public async Task Every_page_fits_its_width_and_gives_no_cause_for_complaint(int width, string scheme)
    {
        await using var browser = await Chromium.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = 60, From = DateTimeOffset.UtcNow.AddDays(-20), To = DateTimeOffset.UtcNow.AddHours(-1) }, Token);
        using var installation = Served(simulator);
        foreach (var threat in StatusPageTests.HostileThreats())
        {
            simulator.Publish(threat);
        }

        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);
        await browser.LookAsync(width, 800, scheme);

        foreach (var (address, name) in ((string, string)[])[("", "status"), ("threats/m_1", "threat"), ("search?q=evil.example", "search")])
        {
            await browser.OpenAsync($"{served.Server.FeedAddress}{address}");

            Assert.Equal("0", await browser.EvaluateAsync("document.scripts.length + document.querySelectorAll('[onmouseover],[style],img,iframe').length"));
            Assert.NotEqual("0", await browser.EvaluateAsync("document.querySelectorAll('main h1').length"));
            Assert.Equal("true", (await browser.EvaluateAsync($"document.documentElement.scrollWidth <= {width}")).ToLowerInvariant());
            Assert.Equal("0", await browser.EvaluateAsync(SmallTexts));
            Assert.Equal(scheme == "dark" ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)", await browser.EvaluateAsync("getComputedStyle(document.body).backgroundColor"));
            await SaveAsync(browser, $"{name}-{width}-{scheme}");
        }

        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_hostile_title_is_what_the_reader_sees()
    {
        await using var browser = await Chromium.StartAsync();
        await using var served = await ServedFolder.StartAsync(store => store.Put(StatusPageTests.HostileThreats()));

        await browser.OpenAsync($"{served.Server.FeedAddress}threats/m_1");

        Assert.Equal(StatusPageTests.Hostile.Replace("\u202E", "\\u202E", StringComparison.Ordinal), await browser.EvaluateAsync("document.querySelector('h1').textContent"));
        Assert.Equal("false", (await browser.EvaluateAsync("[...document.links].some(link => link.protocol == 'javascript:')")).ToLowerInvariant());
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task The_keyboard_reaches_the_search_and_finds()
    {
        await using var browser = await Chromium.StartAsync();
        await using var served = await ServedFolder.StartAsync(store => store.Put(ThreatBuilder.Malware(1).Domain("evil.example")));
        await browser.OpenAsync(served.Server.FeedAddress!.ToString());
        var reached = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            await browser.PressAsync("Tab", Tab);
            reached.Add(await browser.EvaluateAsync("document.activeElement.className + ' ' + document.activeElement.tagName"));
        }

        Assert.Equal(["skip A", " A", " INPUT", " BUTTON"], reached[..4]);
        Assert.Contains("wide DIV", reached);
        Assert.DoesNotContain("none", await browser.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_opens_as_a_file()
    {
        await using var browser = await Chromium.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Token);
        using var installation = Served(simulator);
        await installation.RunAsync();
        var file = installation.InFolder("dashboard.html");
        await File.WriteAllTextAsync(file, await new IntelligenceEngine(new EngineSettings()).GetDashboardAsync(installation.ConfigurationPath, Token), Token);

        await browser.OpenAsync(new Uri(file).AbsoluteUri);

        Assert.Equal("How the integration is doing", await browser.EvaluateAsync("document.querySelector('h1').textContent"));
        Assert.NotEqual("rgba(0, 0, 0, 0)", await browser.EvaluateAsync("getComputedStyle(document.querySelector('.cards div')).backgroundColor"));
        Assert.Empty(browser.Complaints);
    }

    private static Installation Served(ThreatHqSimulator simulator) => new Installation(simulator).WithOutput("json")
        .Set("local_sqlite", "use", "True")
        .Set("feed_server", "use", "True")
        .Set("feed_server", "listen", "http://127.0.0.1:0/")
        .Save();

    private static async Task SaveAsync(Chromium browser, string name)
    {
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { Length: > 0 } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), await browser.PictureAsync(), Token);
        }
    }
}
