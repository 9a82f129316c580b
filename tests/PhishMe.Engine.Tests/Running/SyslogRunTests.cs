using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>CEF by syslog as part of whole runs: whatever becomes of the collector, the sync goes on and every event arrives, in order.</summary>
public sealed class SyslogRunTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rsyslog", nameof(SyslogTransport.Udp), "")]
    [InlineData("rsyslog", nameof(SyslogTransport.Tcp), "octet")]
    [InlineData("rsyslog", nameof(SyslogTransport.Tls), "")]
    [InlineData("rsyslog", nameof(SyslogTransport.Tls), "lf")]
    [InlineData("syslog-ng", nameof(SyslogTransport.Tcp), "lf")]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task Backfill_updates_and_withdrawals_arrive_byte_for_byte_as_in_the_append_file(string daemon, string transport, string framing)
    {
        using var certificates = new TestCertificates();
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Transport = Enum.Parse<SyslogTransport>(transport) };
        if (framing.Length > 0)
        {
            endpoint = endpoint with { TcpFraming = framing == "octet" ? SyslogTcpFraming.OctetCounting : SyslogTcpFraming.LineFeed };
        }

        await using var receiver = await Receiver.StartAsync(daemon, endpoint, certificates);
        await using var simulator = await StartAsync(40);
        using var installation = new Installation(simulator).WithOutput("cef", files: false).WithSyslog(
            receiver.Endpoint, ("syslog_tcp_framing", framing), ("syslog_ca_file", certificates.AuthorityFile),
            ("syslog_client_certificate", certificates.ClientFile), ("syslog_client_certificate_key", certificates.ClientKeyFile)).Save();

        Assert.Null((await installation.RunAsync()).Fault);
        simulator.Publish(5);
        simulator.Republish(Id(simulator, 3));
        simulator.Withdraw(Id(simulator, 7));
        Assert.Null((await installation.RunAsync()).Fault);

        List<string> expected = [.. File.ReadAllLines(installation.AppendPath("cef")).Select(line => "<29>" + line)];
        Assert.Single(expected, line => line.Contains("|threat_withdrawn|", StringComparison.Ordinal));
        Assert.Equal(expected, (await receiver.WaitForAsync(expected.Count)).Select(Encoding.UTF8.GetString));
        Assert.Equal(0, Waiting(installation));
    }

    [Fact]
    public async Task With_a_collector_that_is_down_the_sync_goes_on_and_the_events_wait_for_the_next_run()
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp };
        await using var simulator = await StartAsync(20);
        using var installation = new Installation(simulator).WithSyslog(endpoint).Save();

        var down = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "SyslogUnreachable", 20), (down.ExitCode, down.Fault?.Kind.Id, down.Outputs.Single().Threats));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
        Assert.Contains(down.Warnings, warning => warning.Contains($"{Waiting(installation)} event(s) wait", StringComparison.Ordinal));
        var before = Cef(simulator, simulator.Threats);
        Assert.Equal(before.Count, Waiting(installation));

        // Still down: what comes goes behind what waits.
        var first = Cef(simulator, simulator.Publish(2));
        Assert.Equal(ExitCode.OutputFailed, (await installation.RunAsync()).ExitCode);
        await using var collector = new LoopbackCollector(port);
        var second = Cef(simulator, simulator.Publish(2));
        var up = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 2), (up.ExitCode, up.Outputs.Single().Threats));
        Assert.Equal([.. before.Order(StringComparer.Ordinal)], collector.Events.Take(before.Count).Order(StringComparer.Ordinal));
        Assert.Equal([.. first, .. second], collector.Events.Skip(before.Count));
        Assert.Equal(0, Waiting(installation));
    }

    [Fact]
    public async Task What_waits_is_handed_over_even_when_the_API_is_down_and_no_heartbeat_pretends_otherwise()
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp };
        await using var simulator = await StartAsync(10);
        using var installation = new Installation(simulator).WithSyslog(endpoint).Save();
        await installation.RunAsync();
        var waiting = Waiting(installation);
        await using var collector = new LoopbackCollector(port);
        simulator.Inject(new FaultRule { Kind = FaultRuleKind.Unavailable503, Count = -1 });
        installation.Set("integration_raw_cef", "heartbeat", "True").Set("pm_api", "position", installation.Position).Save();

        var failed = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, "ApiFailing"), (failed.ExitCode, failed.Fault?.Kind.Id));
        Assert.Equal((waiting, 0L), ((long)collector.Events.Count, Waiting(installation)));
        Assert.DoesNotContain("|heartbeat|", collector.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_killed_between_sending_and_removing_repeats_the_batch_in_flight_and_no_more()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(90);
        var time = new ManualTime(DateTimeOffset.UtcNow);
        using var installation = new Installation(simulator).WithSyslog(collector.Endpoint, ("max_eps", "10")).Save();
        Installation? killed = null;
        var batches = 0;
        try
        {
            await installation.RunAsync(clock: time, step: name =>
            {
                if (name == "syslog-sent" && ++batches == 2)
                {
                    killed = installation.Copy();
                }
            });
            var once = collector.Events;
            Assert.True(once.Count > 250, $"{once.Count} events");
            Assert.Equal(once.Count, once.Distinct().Count());

            var next = await killed!.RunAsync(clock: new ManualTime(DateTimeOffset.UtcNow));

            Assert.Equal(ExitCode.Done, next.ExitCode);
            Assert.Equal([.. once, .. once.Skip(100)], collector.Events); // A batch is ten seconds' worth.
            Assert.Equal(0, Waiting(killed!));
        }
        finally
        {
            killed?.Dispose();
        }
    }

    [Fact]
    public async Task Max_eps_is_held_over_the_whole_run()
    {
        const int Rate = 7;
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(60);
        var time = new ManualTime(DateTimeOffset.UtcNow);
        using var installation = new Installation(simulator)
            .WithSyslog(collector.Endpoint, ("max_eps", Rate.ToString(CultureInfo.InvariantCulture))).Save();
        var confirmed = new List<(int Events, TimeSpan After)>();

        await installation.RunAsync(clock: time, step: name =>
        {
            if (name == "syslog-confirmed")
            {
                confirmed.Add((collector.Events.Count, time.Elapsed));
            }
        });

        Assert.True(confirmed.Count > 1);
        Assert.All(confirmed, at => Assert.True(at.Events <= Rate * at.After.TotalSeconds, $"{at.Events} after {at.After}"));
    }

    [Fact]
    public async Task When_the_time_of_a_run_is_up_the_rest_waits_and_nothing_is_sent_twice()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(40);
        using var installation = new Installation(simulator)
            .WithSyslog(collector.Endpoint, ("max_eps", "1")).Set("pm_api", "run_timeout_minutes", "1").Save();

        var first = await installation.RunAsync(clock: new ManualTime(DateTimeOffset.UtcNow));

        Assert.Equal((ExitCode.Done, null), (first.ExitCode, first.Fault));
        var waiting = Waiting(installation);
        Assert.True(waiting > 0);
        Assert.Contains(collector.Events.Count, new[] { 60, 70 }); // Whole batches of ten seconds; the seventh may begin within the minute.
        Assert.Contains(first.Warnings, warning => warning.StartsWith($"{waiting} event(s) wait for the collector: this run reached its time limit", StringComparison.Ordinal));

        var runs = 1;
        while (Waiting(installation) > 0)
        {
            Assert.Equal(ExitCode.Done, (await installation.RunAsync(clock: new ManualTime(DateTimeOffset.UtcNow))).ExitCode);
            Assert.InRange(++runs, 2, 20);
        }

        var expected = Cef(simulator, simulator.Threats);
        Assert.Equal(expected.Order(StringComparer.Ordinal), collector.Events.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_takes_nothing_is_given_up_and_the_run_is_complete()
    {
        await using var collector = new LoopbackCollector(receiveBuffer: 1024) { Reads = false };
        await using var simulator = await StartAsync(100);
        using var installation = new Installation(simulator).WithSyslog(collector.Endpoint).Save();
        var clock = new SteppedTime();

        var work = installation.RunAsync(clock: clock);
        await clock.PlayAsync(work, TimeSpan.FromSeconds(45));
        var summary = await work;

        Assert.Equal((ExitCode.OutputFailed, "SyslogUnreachable"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Contains("too slow", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.Equal((100, simulator.CurrentPosition), (summary.Outputs.Single().Threats, installation.Position));
        Assert.Equal(Cef(simulator, simulator.Threats).Count, Waiting(installation));
    }

    [Fact]
    public async Task An_outbox_that_is_full_drops_the_oldest_and_raises_an_alarm()
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp };
        await using var simulator = await StartAsync(1500);
        using var installation = new Installation(simulator).WithOutput("cef", files: false).WithSyslog(endpoint, ("outbox_max_mb", "1")).Save();

        var down = await installation.RunAsync();

        Assert.Equal(ExitCode.OutputFailed, down.ExitCode);
        var all = File.ReadAllLines(installation.AppendPath("cef"));
        var waiting = Waiting(installation);
        Assert.Contains(down.Warnings, warning => warning.StartsWith($"The outbox was full, so the oldest {all.Length - waiting} event(s) were dropped", StringComparison.Ordinal));

        await using var collector = new LoopbackCollector(port);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(all[^(int)waiting..], collector.Events);
        Assert.InRange(collector.Events.Sum(line => Encoding.UTF8.GetByteCount(line)), 1000 * 1024, 1024 * 1024);
    }

    [Fact]
    public async Task A_quiet_run_says_that_it_ran()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(5);
        using var installation = new Installation(simulator).WithSyslog(collector.Endpoint, ("heartbeat", "True")).Save();
        var backfill = await installation.RunAsync();
        var before = collector.Events.Count;

        var quiet = await installation.RunAsync();

        Assert.EndsWith($"cs1={backfill.RunId}", collector.Events[before - 1], StringComparison.Ordinal);
        Assert.Matches(
            $@"^CEF:0\|PhishMe\|Intelligence\|1\.0\|heartbeat\|Heartbeat\|0\|cat=Heartbeat rt=\d{{13}} cs1Label=Run cs1={quiet.RunId}$",
            Assert.Single(collector.Events.Skip(before)));
    }

    [Fact]
    public async Task An_event_that_no_datagram_holds_is_set_aside_and_the_others_go_out()
    {
        using var collector = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20 };
        collector.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Port = ((IPEndPoint)collector.LocalEndPoint!).Port };
        await using var simulator = await StartAsync(6);
        var malware = Enumerable.Range(0, 6).Select(index => Id(simulator, index)).First(id => id[0] == 'm');
        var document = JsonNode.Parse(simulator.Json(malware).Span)!.AsObject();
        document["id"] = 987_654;
        document["threatDetailURL"] = "https://threats.example/" + new string('x', 70_000);
        simulator.Publish(document);
        var all = Cef(simulator, simulator.Threats);
        List<string> fitting = [.. all.Where(line => Encoding.UTF8.GetByteCount(line) <= 65_503)];
        Assert.True(fitting.Count < all.Count, "no event is too large");
        using var installation = new Installation(simulator).WithSyslog(endpoint).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, all.Count - fitting.Count), (summary.ExitCode, summary.DeadLetters));
        using (var state = StateStore.Open(installation.StatePath))
        {
            var letters = await state.GetDeadLettersAsync(TestContext.Current.CancellationToken);
            Assert.All(letters, letter => Assert.Contains("65,507", letter.Reason, StringComparison.Ordinal));
            Assert.Equal(all.Except(fitting).Order(StringComparer.Ordinal), letters.Select(letter => Encoding.UTF8.GetString(letter.Payload!)).Order(StringComparer.Ordinal));
        }

        var received = new List<string>();
        var buffer = new byte[70_000];
        foreach (var _ in fitting)
        {
            received.Add(Encoding.UTF8.GetString(buffer, 4, await collector.ReceiveAsync(buffer, Stop) - 4));
        }

        Assert.Equal(fitting.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        Assert.Equal(0, Waiting(installation));
    }

    [Fact]
    public async Task A_long_backfill_hands_over_before_the_outbox_is_full()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync(1500);
        var time = new ManualTime(DateTimeOffset.UtcNow);
        using var installation = new Installation(simulator).WithOutput("cef", files: false)
            .WithSyslog(collector.Endpoint, ("outbox_max_mb", "1")).Save();

        var summary = await installation.RunAsync(clock: time);

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.DoesNotContain(summary.Warnings, warning => warning.Contains("outbox", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllLines(installation.AppendPath("cef")), collector.Events);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Stop);

    private static string Id(ThreatHqSimulator simulator, int index) => $"{simulator.Threats[index].Type[0]}_{simulator.Threats[index].Id}";

    private static List<string> Cef(ThreatHqSimulator simulator, IEnumerable<(string Type, long Id)> threats) =>
        [.. threats.SelectMany(threat => DeliveredCef.Of(simulator.Cef(threat.Type, threat.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    private static long Waiting(Installation installation)
    {
        using var state = StateStore.Open(installation.StatePath);
        return state.GetQueueDepthAsync(new DestinationId("syslog@raw_cef"), TestContext.Current.CancellationToken).Result.Items;
    }
}
