using System.Net;
using System.Text.Json.Nodes;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>What every product that takes events by syslog has to stand, in whole runs from the API to a collector. Counted is what the collector has.</summary>
public sealed class SyslogScenarioTests
{
    public static TheoryData<string> Products => ["arcsight", "mcafee_siem", "fireeye_security_orchestrator", "qradar_siem"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Products))]
    public async Task Backfill_no_news_new_version_withdrawal(string product)
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(12);
        using var installation = Installed(simulator, product, collector.Endpoint);

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(Cef(simulator, simulator.Threats), Events(collector));

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        var before = collector.Events.Count;
        Assert.Equal(Cef(simulator, simulator.Threats).Count, before);

        var changed = simulator.Threats[3];
        simulator.Republish($"{changed.Type[0]}_{changed.Id}");
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(Cef(simulator, [changed]), Events(collector, before));
        before = collector.Events.Count;

        simulator.Withdraw($"{changed.Type[0]}_{changed.Id}");
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Contains("|threat_withdrawn|", Assert.Single(Events(collector, before)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Products))]
    public async Task A_collector_that_is_down_holds_up_nothing_and_gets_everything_once_later(string product)
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        await using var simulator = await StartAsync(12);
        using var installation = Installed(simulator, product, new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp });

        var down = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogUnreachable"), (down.ExitCode, down.Fault?.Kind.Id));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
        await using var collector = new LoopbackCollector(port);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(Cef(simulator, simulator.Threats), Events(collector));
    }

    [Theory, MemberData(nameof(Products))]
    public async Task An_event_that_is_too_long_is_one_dead_letter_and_the_others_are_there(string product)
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(0);
        simulator.Publish(Threat(1, "short.example"));
        simulator.Publish(ThreatBuilder.Malware(2).Url("http://long.example/" + new string('x', 600)));
        simulator.Publish(Threat(3, "other.example"));
        using var installation = Installed(simulator, product, collector.Endpoint).Set($"integration_{product}", "max_message_bytes", "480")
            .Set($"integration_{product}", "cef_source", "json").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.DeadLetters));
        Assert.Equal(["other.example", "short.example"], Events(collector).Select(line => line.Contains("short.example", StringComparison.Ordinal) ? "short.example" : "other.example").Order(StringComparer.Ordinal));
        using var state = StateStore.Open(installation.StatePath);
        Assert.Equal("m_2", Assert.Single(await state.GetDeadLettersAsync(Stop)).Place.Threat?.ToString());
    }

    [Theory, MemberData(nameof(Products))]
    public async Task Malware_and_phish_of_one_number_are_two_threats_and_odd_characters_stay_data(string product)
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(0);
        var threat = Threat(7, "a.example");
        threat["blockSet"]![0]!["malwareFamily"] = new JsonObject { ["familyName"] = "Größe = a|b, \"c\"\nzweite \\ 漢字" };
        simulator.Publish(threat);
        simulator.Publish(ThreatBuilder.Phish(7, "https://login.example/page"));
        using var installation = Installed(simulator, product, collector.Endpoint).Set($"integration_{product}", "cef_source", "json").Save();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.Contains(Events(collector), line => line.Contains(@"Größe \= a|b, ""c""\nzweite \\ 漢字", StringComparison.Ordinal));
        Assert.Contains(Events(collector), line => line.Contains("https://login.example/page", StringComparison.Ordinal));
        Assert.All(Events(collector), line => Assert.StartsWith("CEF:0|", line, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Products))]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task A_certificate_that_no_one_vouches_for_is_refused(string product)
    {
        using var certificates = new TestCertificates();
        await using var receiver = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tls }, certificates);
        await using var simulator = await StartAsync(3);
        using var installation = Installed(simulator, product, receiver.Endpoint);

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogCertificateRefused"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Empty(receiver.Lines());
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Stop);

    private static JsonObject Threat(long id, string domain) => ThreatBuilder.Malware(id).Domain(domain);

    private static Installation Installed(ThreatHqSimulator simulator, string product, SyslogEndpoint collector)
    {
        var installation = new Installation(simulator).With(product, collector);
        return (product == "qradar_siem" ? installation.Set("integration_qradar_siem", "mode", "cef") : installation).Save();
    }

    private static List<string> Cef(ThreatHqSimulator simulator, IEnumerable<(string Type, long Id)> threats) =>
    [
        .. threats.SelectMany(threat => DeliveredCef.Of(simulator.Cef(threat.Type, threat.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal),
    ];

    /// <summary>The events without their headers, in order of their text.</summary>
    private static List<string> Events(LoopbackCollector collector, int skip = 0) =>
        [.. collector.Events.Skip(skip).Select(line => line[line.IndexOf("CEF:", StringComparison.Ordinal)..]).Order(StringComparer.Ordinal)];
}
