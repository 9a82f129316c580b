using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>What a person asks at a prompt.</summary>
public sealed class InteractiveSearchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_probe_tells_the_feeds()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        await using var person = new InteractiveSession(simulator);

        var feed = Assert.Single(await person.Port.ProbeAsync(Stop));

        Assert.True(feed.CanRead);
        Assert.NotEmpty(feed.Name);
    }

    [Fact]
    public async Task All_pages_are_read_each_threat_once()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 250 }, Stop);
        await using var person = new InteractiveSession(simulator);

        (var threats, var missed) = await InteractiveSession.ReadAllAsync(person.Port.SearchAsync(new ThreatQuery(), null, Stop));

        Assert.Equal(250, threats.DistinctBy(threat => threat.Id).Count());
        Assert.Empty(missed);
        Assert.Equal(3, simulator.Requests.Count("search"));
    }

    [Fact]
    public async Task What_moves_to_an_earlier_page_meanwhile_is_not_missed()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 450 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var seen = new List<ThreatId>();
        await foreach (var batch in person.Port.SearchAsync(new ThreatQuery(), null, Stop))
        {
            if (seen.Count == 0)
            {
                simulator.Withdraw("m_500000");
            }

            seen.AddRange(batch.Threats.Select(threat => threat.Id));
        }

        Assert.Equal(450, seen.Distinct().Count());
        Assert.Equal(450, seen.Count);
    }

    [Fact]
    public async Task Ids_are_compared_with_what_came()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 130 }, Stop);
        await using var person = new InteractiveSession(simulator);
        ThreatId[] asked = [.. simulator.Threats.Select(threat => ThreatId.Parse($"{threat.Type[0]}_{threat.Id}")), ThreatId.Parse("m_7")];

        (var threats, var missed) = await InteractiveSession.ReadAllAsync(person.Port.GetThreatsAsync(asked, null, Stop));

        Assert.Equal(asked[..^1], threats.Select(threat => threat.Id));
        var miss = Assert.Single(missed);
        Assert.Equal(("m_7", Faults.ThreatNotFound), (miss.Subject, miss.Fault.Kind));
        Assert.Equal(2, simulator.Requests.Count("search"));
    }

    [Fact]
    public async Task The_older_spelling_is_tried_when_the_newer_is_refused()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);
        simulator.Inject(new FaultRule { Route = "search", Kind = FaultRuleKind.Refused400 });

        (var threats, _) = await InteractiveSession.ReadAllAsync(
            person.Port.SearchAsync(new ThreatQuery { WatchListEmail = ["nobody@example.test"] }, null, Stop));

        Assert.Empty(threats);
        Assert.Collection(
            simulator.Requests.Entries,
            entry => Assert.Contains("watchListEmail=", entry.Query, StringComparison.Ordinal),
            entry => Assert.Contains("watchlistEmailAddress=", entry.Query, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_that_is_not_there_is_a_fault_of_its_own()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);

        Assert.NotEqual(0, (await person.Port.GetReportAsync(ThreatId.Parse("m_500000"), ReportFormat.Html, Stop)).Length);
        foreach (var id in new[] { "m_1", "p_500000" })
        {
            var exception = await Assert.ThrowsAsync<PhishMeException>(
                () => person.Port.GetReportAsync(ThreatId.Parse(id), ReportFormat.Pdf, Stop));
            Assert.Equal(Faults.ReportNotFound, exception.Fault.Kind);
        }
    }

    [Theory]
    [InlineData("ftp://example.test/")]
    [InlineData("/apiv1")]
    [InlineData("https://user:word@example.test/")]
    public async Task An_address_that_is_none_is_refused_before_anything_is_sent(string address)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);

        var exception = Assert.Throws<PhishMeException>(
            () => new InteractiveSession(simulator, options => options with { BaseUri = new Uri(address, UriKind.RelativeOrAbsolute) }));

        Assert.Equal(Faults.AddressInvalid, exception.Fault.Kind);
        Assert.DoesNotContain("word", exception.Fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_was_ended_says_so()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        await using var person = new InteractiveSession(simulator);
        await person.Port.DisposeAsync();

        var exception = Assert.Throws<PhishMeException>(() => person.Port.SearchAsync(new ThreatQuery(), null, Stop));

        Assert.Equal(Faults.NotConnected, exception.Fault.Kind);
    }

    [Fact]
    public void Options_never_show_a_secret() =>
        Assert.DoesNotContain("geheim", new SessionOptions { Password = "geheim", ProxyPassword = "geheim" }.ToString(), StringComparison.Ordinal);
}
