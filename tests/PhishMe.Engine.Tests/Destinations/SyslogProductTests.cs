using System.Globalization;
using System.Net;
using System.Text;
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

/// <summary>Products that take syslog, beside each other: each with a collector, a frame, a rate, a queue and an offset of its own.</summary>
public sealed class SyslogProductTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_collectors_get_everything_in_their_own_frames_and_the_API_is_asked_once()
    {
        await using var raw = new LoopbackCollector();
        await using var arcsight = new LoopbackCollector();
        await using var mcafee = new LoopbackCollector();
        await using var fireeye = new LoopbackCollector();
        await using var simulator = await StartAsync(30);
        using var installation = new Installation(simulator).WithSyslog(raw.Endpoint)
            .With("arcsight", arcsight.Endpoint)
            .With("mcafee_siem", mcafee.Endpoint, ("framing", "rfc3164"))
            .With("fireeye_security_orchestrator", fireeye.Endpoint, ("framing", "raw")).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        Assert.Equal(
            ["syslog@raw_cef", "arcsight", "mcafee_siem", "fireeye_security_orchestrator"], summary.Destinations.Select(destination => destination.Id));
        var expected = Cef(simulator);
        Assert.Equal(expected, Sorted(raw.Events));
        Assert.Equal(expected.Select(line => "<29>" + line), Sorted(arcsight.Received.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.All(mcafee.Events, line => Assert.Matches(@"^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \S+ CEF:0\|", line));
        Assert.Equal(expected, Sorted(mcafee.Events.Select(line => line[line.IndexOf("CEF:", StringComparison.Ordinal)..])));
        Assert.Equal(expected, Sorted(fireeye.Received.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        await using var other = await StartAsync(30);
        await using var alone = new LoopbackCollector();
        using var single = new Installation(other).With("arcsight", alone.Endpoint).Save();
        await single.RunAsync();
        Assert.Equal(other.Requests.CountByRoute(), simulator.Requests.CountByRoute());
    }

    [Fact]
    public async Task One_that_is_down_holds_up_no_other_and_gets_what_waited_exactly_once()
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        await using var mcafee = new LoopbackCollector();
        await using var simulator = await StartAsync(20);
        using var installation = new Installation(simulator)
            .With("arcsight", new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp })
            .With("mcafee_siem", mcafee.Endpoint).Save();

        var down = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogUnreachable"), (down.ExitCode, down.Fault?.Kind.Id));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
        Assert.Equal(Cef(simulator), Sorted(mcafee.Events));
        Assert.Equal([Cef(simulator).Count, 0L], down.Destinations.Select(destination => destination.Waiting));

        await using var arcsight = new LoopbackCollector(port);
        simulator.Publish(2);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(Cef(simulator), Sorted(arcsight.Events));
        Assert.Equal(Cef(simulator), Sorted(mcafee.Events));
    }

    [Fact]
    public async Task A_second_run_sends_nothing_and_a_changed_threat_is_sent_again()
    {
        await using var arcsight = new LoopbackCollector();
        await using var simulator = await StartAsync(10);
        using var installation = new Installation(simulator).With("arcsight", arcsight.Endpoint).Save();
        await installation.RunAsync();
        var before = arcsight.Events.Count;

        await installation.RunAsync();
        Assert.Equal(before, arcsight.Events.Count);

        var id = Id(simulator, 3);
        simulator.Republish(id);
        await installation.RunAsync();
        Assert.Equal(DeliveredCef.Of(simulator.Cef(id)).Split('\n', StringSplitOptions.RemoveEmptyEntries), arcsight.Events.Skip(before));
    }

    [Theory]
    [InlineData("rsyslog", "arcsight", "Udp", "legacy")]
    [InlineData("rsyslog", "mcafee_siem", "Tcp", "rfc5424")]
    [InlineData("syslog-ng", "arcsight", "Tcp", "legacy")]
    [InlineData("rsyslog", "qradar_siem", "Tcp", "rfc3164")]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task Real_receivers_get_every_event_and_the_withdrawal(string daemon, string product, string transport, string framing)
    {
        await using var receiver = await Receiver.StartAsync(daemon, new SyslogEndpoint { Host = "127.0.0.1", Transport = Enum.Parse<SyslogTransport>(transport) });
        await using var simulator = await StartAsync(15);
        using var installation = new Installation(simulator).WithOutput("cef", files: false).With(product, receiver.Endpoint, ("framing", framing));
        if (product == "qradar_siem")
        {
            installation.Set("integration_qradar_siem", "mode", "cef");
        }

        installation.Save();
        Assert.Null((await installation.RunAsync()).Fault);
        simulator.Withdraw(Id(simulator, 4));
        Assert.Null((await installation.RunAsync()).Fault);

        var expected = File.ReadAllLines(installation.AppendPath("cef"));
        Assert.Single(expected, line => line.Contains("|threat_withdrawn|", StringComparison.Ordinal));
        var received = (await receiver.WaitForAsync(expected.Length)).Select(Encoding.UTF8.GetString);
        Assert.Equal(expected, received.Select(line => line[line.IndexOf("CEF:", StringComparison.Ordinal)..]));
    }

    [Fact]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task Three_products_at_real_receivers_get_everything_once_and_the_one_that_was_down_gets_it_later()
    {
        await using var arcsight = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        await using var mcafee = await Receiver.StartAsync("syslog-ng", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        await using var fireeye = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        await fireeye.StopAsync();
        await using var simulator = await StartAsync(25);
        using var installation = new Installation(simulator)
            .With("arcsight", arcsight.Endpoint)
            .With("mcafee_siem", mcafee.Endpoint, ("framing", "rfc3164"))
            .With("fireeye_security_orchestrator", fireeye.Endpoint).Save();
        var expected = Cef(simulator);

        var down = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogUnreachable"), (down.ExitCode, down.Fault?.Kind.Id));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
        Assert.Equal([0L, 0L, expected.Count], down.Destinations.Select(destination => destination.Waiting));
        Assert.Equal(expected, await EventsAsync(arcsight, expected.Count));
        Assert.Equal(expected, await EventsAsync(mcafee, expected.Count));

        await fireeye.StartAsync();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.Equal(expected, await EventsAsync(fireeye, expected.Count));
        Assert.Equal((expected.Count, expected.Count), (arcsight.Lines().Count, mcafee.Lines().Count));

        static async Task<List<string>> EventsAsync(Receiver receiver, int count) => Sorted(
            (await receiver.WaitForAsync(count)).Select(Encoding.UTF8.GetString).Select(line => line[line.IndexOf("CEF:", StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task QRadar_takes_events_instead_of_files_and_needs_no_folder()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(10);
        using var installation = new Installation(simulator).With("qradar_siem", collector.Endpoint, ("mode", "cef")).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, "qradar_siem"), (summary.ExitCode, Assert.Single(summary.Destinations).Id));
        Assert.All(collector.Events, line => Assert.Matches(@"^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \S+ CEF:0\|", line));
        Assert.Equal(Cef(simulator), Sorted(collector.Events.Select(line => line[line.IndexOf("CEF:", StringComparison.Ordinal)..])));
        var before = collector.Events.Count;
        simulator.Withdraw(Id(simulator, 1));
        await installation.RunAsync();
        Assert.Contains("|threat_withdrawn|", Assert.Single(collector.Events.Skip(before)), StringComparison.Ordinal);
    }

    [Fact]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task A_real_receiver_gets_records_as_lines_of_JSON()
    {
        await using var receiver = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        await using var simulator = await StartAsync(0);
        simulator.Publish(Threat(1, "Paßwort = \"x\" | y, z").Domain("one.example").Domain("two.example"));
        using var installation = new Installation(simulator)
            .With("fireeye_security_orchestrator", receiver.Endpoint, ("payload", "json"), ("framing", "rfc5424")).Save();

        Assert.Null((await installation.RunAsync()).Fault);

        var lines = (await receiver.WaitForAsync(2)).Select(Encoding.UTF8.GetString).ToArray();
        Assert.All(lines, line => Assert.Matches(@"^<29>1 \S+ \S+ PhishMe \d+ JSON - \{", line));
        JsonNode[] records = [.. lines.Select(line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..])!)];
        Assert.Equal(["one.example", "two.example"], records.Select(record => (string?)record["value"]));
        Assert.All(records, record => Assert.Equal(
            ("upsert", "malware", "m_1", "domain", "Major", 100, "C2", "Paßwort = \"x\" | y, z"),
            ((string?)record["op"], (string?)record["product"], (string?)record["threat_id"], (string?)record["kind"], (string?)record["impact"],
                (int?)record["confidence"], (string?)record["role"], (string?)record["label"])));
    }

    [Fact]
    public async Task In_JSON_what_a_threat_lost_and_what_was_withdrawn_is_taken_back_unless_another_threat_carries_it()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(0);
        simulator.Publish(Threat(1).Domain("lost.example").Domain("shared.example").Domain("kept.example"));
        simulator.Publish(ThreatBuilder.Phish(1, "https://shared.example/page"));
        simulator.Publish(Threat(2).Domain("shared.example"));
        using var installation = new Installation(simulator).Set("local_sqlite", "use", "True")
            .With("fireeye_security_orchestrator", collector.Endpoint, ("payload", "json"), ("framing", "raw")).Save();
        await installation.RunAsync();
        Assert.Contains(Records(collector), record => record is ("upsert", "p_1", "https://shared.example/page"));
        var before = Records(collector).Count;

        simulator.Publish(Threat(1).Domain("kept.example").Domain("new.example"));
        await installation.RunAsync();

        Assert.Equal(
            [("retract", "m_1", "lost.example"), ("upsert", "m_1", "kept.example"), ("upsert", "m_1", "new.example")],
            Records(collector).Skip(before).Order());
        before = Records(collector).Count;

        simulator.Withdraw("m_2");
        simulator.Withdraw("m_1");
        await installation.RunAsync();

        Assert.Equal(
            [("retract", "m_1", "kept.example"), ("retract", "m_1", "new.example")],
            Records(collector).Skip(before).Where(record => record.Id == "m_1").Order());
    }

    [Fact]
    public async Task Nothing_benign_private_or_corollary_is_in_JSON_unless_asked_for()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(0);
        simulator.Publish(Threat(1).Domain("bad.example").IPv4("10.0.0.1").Domain("ip.example", "Minor", "IDinfo")
            .With("senderEmailSet", new JsonObject { ["senderEmail"] = "who@sender.example", ["totalCount"] = 1 }));
        using var installation = new Installation(simulator)
            .With("fireeye_security_orchestrator", collector.Endpoint, ("payload", "json"), ("framing", "raw"), ("minimum_impact", "minor")).Save();

        await installation.RunAsync();

        Assert.Equal([("upsert", "m_1", "bad.example")], Records(collector));
    }

    [Fact]
    public async Task Whose_threats_and_whether_withdrawals_are_passed_on_is_said_once_for_all_and_may_differ_for_one()
    {
        await using var arcsight = new LoopbackCollector();
        await using var mcafee = new LoopbackCollector();
        await using var simulator = await StartAsync(20);
        using var installation = new Installation(simulator)
            .Set("integration_defaults", "products", "brand_intelligence").Set("integration_defaults", "retract", "False")
            .With("arcsight", arcsight.Endpoint)
            .With("mcafee_siem", mcafee.Endpoint, ("products", "intelligence"), ("retract", "True")).Save();
        await installation.RunAsync();

        (string Type, long Id)[] threats = [.. simulator.Threats];
        Assert.Equal(Cef(simulator, threats.Where(threat => threat.Type == "phish")), Sorted(arcsight.Events));
        Assert.Equal(Cef(simulator, threats.Where(threat => threat.Type == "malware")), Sorted(mcafee.Events));

        var (before, beforeToo) = (arcsight.Events.Count, mcafee.Events.Count);
        simulator.Withdraw("p_" + threats.First(threat => threat.Type == "phish").Id.ToString(CultureInfo.InvariantCulture));
        simulator.Withdraw("m_" + threats.First(threat => threat.Type == "malware").Id.ToString(CultureInfo.InvariantCulture));
        await installation.RunAsync();

        Assert.Equal(before, arcsight.Events.Count);
        Assert.Contains("|threat_withdrawn|", Assert.Single(mcafee.Events.Skip(beforeToo)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_is_too_long_loses_what_is_optional_or_becomes_a_dead_letter()
    {
        await using var arcsight = new LoopbackCollector();
        await using var simulator = await StartAsync(40);
        var longest = Cef(simulator).Max(Encoding.UTF8.GetByteCount);
        using var installation = new Installation(simulator)
            .With("arcsight", arcsight.Endpoint, ("max_message_bytes", "480")).Save();
        Assert.True(longest > 480, $"the longest event has {longest} bytes");

        var summary = await installation.RunAsync();

        Assert.All(arcsight.Events, line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, 480));
        var all = Cef(simulator);
        Assert.Equal(all.Count, arcsight.Events.Count + summary.DeadLetters);
        using var state = StateStore.Open(installation.StatePath);
        var letters = await state.GetDeadLettersAsync(Stop);
        Assert.Equal(summary.DeadLetters, letters.Count);
        Assert.All(letters, letter => Assert.Contains("max_message_bytes allows 480", letter.Reason, StringComparison.Ordinal));
        Assert.Equal(
            Sorted(all.Where(line => Encoding.UTF8.GetByteCount(line) <= 480)), Sorted(arcsight.Events.Intersect(all, StringComparer.Ordinal)));
    }

    [Fact]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task A_certificate_that_no_one_vouches_for_is_refused_and_the_other_collector_gets_everything()
    {
        using var certificates = new TestCertificates();
        await using var receiver = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tls }, certificates);
        await using var mcafee = new LoopbackCollector();
        await using var simulator = await StartAsync(5);
        using var installation = new Installation(simulator).With("arcsight", receiver.Endpoint).With("mcafee_siem", mcafee.Endpoint).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogCertificateRefused"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Equal(Cef(simulator), Sorted(mcafee.Events));
    }

    [Fact]
    public void The_keys_of_the_original_alone_are_enough()
    {
        using var folder = new Configuration.ConfigurationFolder();

        var reading = folder.Read($"""
            {Configuration.ConfigurationFolder.Minimum}
            [integration_arcsight]
            use = True
            check_config = True
            host_without_protocol = siem.example
            port = 1514
            max_eps = 250

            [integration_mcafee_siem]
            use = True
            """);

        Assert.Empty(reading.Findings);
        Assert.Equal(["arcsight", "mcafee_siem"], reading.Settings!.ActiveOutputs.Except(["raw_json"]));
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Stop);

    private static JsonObject Threat(long id, string? label = null)
    {
        var threat = ThreatBuilder.Malware(id);
        if (label is not null)
        {
            threat["label"] = label;
        }

        return threat;
    }

    private static string Id(ThreatHqSimulator simulator, int index) => $"{simulator.Threats[index].Type[0]}_{simulator.Threats[index].Id}";

    private static List<string> Cef(ThreatHqSimulator simulator) => Cef(simulator, simulator.Threats);

    private static List<string> Cef(ThreatHqSimulator simulator, IEnumerable<(string Type, long Id)> threats) =>
        Sorted(threats.SelectMany(threat => DeliveredCef.Of(simulator.Cef(threat.Type, threat.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries)));

    private static List<string> Sorted(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];

    private static List<(string? Op, string? Id, string? Value)> Records(LoopbackCollector collector) =>
    [
        .. collector.Received.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Select(record => ((string?)record["op"], (string?)record["threat_id"], (string?)record["value"])),
    ];
}
