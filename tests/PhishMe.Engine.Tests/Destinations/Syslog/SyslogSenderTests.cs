using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>What the sender makes of collectors that misbehave.</summary>
public sealed class SyslogSenderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "syslog tcp://127.0.0.1:")]
    [InlineData("::1", "syslog tcp://[::1]:")]
    public async Task A_collector_that_is_down_is_a_clear_fault_and_no_exception(string host, string where)
    {
        var port = Receiver.FreePort(IPAddress.Parse(host), datagram: false);
        await using var sender = new SyslogSender(new() { Host = host, Port = port, Transport = SyslogTransport.Tcp });
        var delivery = await sender.SendAsync(Events.Make(10), Stop);
        Assert.Equal((0, 0), (delivery.Sent, delivery.Settled));
        Assert.Same(Faults.SyslogUnreachable, delivery.Failure!.Fault.Kind);
        Assert.Equal(ExitCode.OutputFailed, delivery.Failure.Fault.Kind.ExitCode);
        Assert.Equal(where + port, delivery.Failure.Fault.Where);
        Assert.Contains("refused", delivery.Failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_udp_port_nobody_listens_on_is_noticed()
    {
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: true);
        await using var sender = new SyslogSender(new() { Host = "127.0.0.1", Port = port });
        Assert.Null((await sender.SendAsync("CEF:0|only one"u8.ToArray(), Stop)).Failure);
        var confirmation = await sender.ConfirmAsync(Stop);
        Assert.Equal((SyslogProof.Broken, 1), (confirmation.Proof, confirmation.Events));
        Assert.NotNull((await sender.SendAsync(Events.Make(10), Stop)).Failure);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_a_clear_fault()
    {
        await using var sender = new SyslogSender(
            new() { Host = "siem.example" }, TimeProvider.System, limited: true,
            (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        var failure = (await sender.SendAsync(Events.Make(1), Stop)).Failure!;
        Assert.Same(Faults.SyslogUnreachable, failure.Fault.Kind);
        Assert.Contains("cannot be resolved", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PhishMeException>(() => sender.ConnectAsync(Stop));
    }

    [Fact]
    public async Task A_name_is_resolved_once_per_connection_and_every_address_is_tried()
    {
        await using var collector = new LoopbackCollector();
        var names = new List<string>();
        await using var sender = new SyslogSender(collector.Endpoint with { Host = "siem.example" }, TimeProvider.System, limited: false, Resolve);
        for (var i = 0; i < 5; i++)
        {
            Assert.Null((await sender.SendAsync(Events.Make(3), Stop)).Failure);
        }

        Assert.Equal(["siem.example"], names);
        Assert.Equal(1, collector.Connections);
        Assert.Equal(new SyslogConfirmation(SyslogProof.Delivered, 15), await sender.ConfirmAsync(Stop));
        Assert.Equal(2, names.Count);

        Task<IPAddress[]> Resolve(string name, CancellationToken cancellationToken)
        {
            names.Add(name);
            // Nobody listens on the first.
            return Task.FromResult<IPAddress[]>([IPAddress.IPv6Loopback, IPAddress.Loopback]);
        }
    }

    [Fact]
    public async Task Events_that_cannot_be_sent_are_handed_back_and_the_others_go_out()
    {
        await using var collector = new LoopbackCollector();
        await using var sender = new SyslogSender(collector.Endpoint);
        var delivery = await sender.SendAsync(
            ["CEF:0|1"u8.ToArray(), "CEF:0|2\n"u8.ToArray(), ReadOnlyMemory<byte>.Empty, "CEF:0|4"u8.ToArray(), new byte[9_000]], Stop);
        Assert.Null(delivery.Failure);
        Assert.Equal((3, 5, 1), (delivery.Sent, delivery.Settled, delivery.Oversized));
        Assert.Equal([new(1, SyslogRejectionReason.LineBreak), new(2, SyslogRejectionReason.Empty)], delivery.Rejected);
        Assert.Equal(SyslogProof.Delivered, (await sender.ConfirmAsync(Stop)).Proof);
        Assert.StartsWith("<29>CEF:0|1\n<29>CEF:0|4\n<29>\0", collector.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_datagram_beyond_the_limit_is_handed_back()
    {
        using var sink = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var sender = new SyslogSender(new() { Host = "127.0.0.1", Port = ((IPEndPoint)sink.LocalEndPoint!).Port });
        var delivery = await sender.SendAsync([new byte[65_504], new byte[65_503], new byte[10]], Stop);
        Assert.Null(delivery.Failure);
        Assert.Equal([new(0, SyslogRejectionReason.TooLarge)], delivery.Rejected);
        Assert.Equal((2, 1), (delivery.Sent, delivery.Oversized));
        var buffer = new byte[70_000];
        Assert.Equal(65_507, await sink.ReceiveAsync(buffer, Stop));
        Assert.Equal(14, await sink.ReceiveAsync(buffer, Stop));
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(100, 1_000)]
    [InlineData(500, 2_500)]
    public async Task The_rate_is_held_across_calls_and_connections(int rate, int events)
    {
        await using var collector = new LoopbackCollector();
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        await using var sender = new SyslogSender(collector.Endpoint with { MaximumEventsPerSecond = rate }, time);
        var sent = 0;
        foreach (var batch in Events.Make(events).Chunk(events / 4))
        {
            sent += (await sender.SendAsync(batch, Stop)).Sent;
            Assert.True(sent <= rate * time.Elapsed.TotalSeconds, $"{sent} events within {time.Elapsed}");
            Assert.Equal(SyslogProof.Delivered, (await sender.ConfirmAsync(Stop)).Proof);
        }

        Assert.Equal(events, sent);
    }

    [Fact]
    public async Task A_collector_that_takes_nothing_is_given_up_after_the_write_timeout()
    {
        await using var collector = new LoopbackCollector { Reads = false };
        await using var sender = new SyslogSender(
            collector.Endpoint with { WriteTimeout = TimeSpan.FromMilliseconds(200) }, TimeProvider.System, limited: false);
        var delivery = await sender.SendAsync([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1_000_000], 60)], Stop);
        Assert.Contains("too slow", delivery.Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(delivery.Sent, 0, 59);
        Assert.Equal(0, sender.Unconfirmed);
    }

    [Fact]
    public async Task A_collector_that_closed_after_reading_everything_costs_only_a_new_connection()
    {
        await using var collector = new LoopbackCollector();
        await using var sender = new SyslogSender(collector.Endpoint);
        await sender.SendAsync("CEF:0|1"u8.ToArray(), Stop);
        await collector.CloseAfterAsync("<29>CEF:0|1\n");
        Assert.Null((await sender.SendAsync("CEF:0|2"u8.ToArray(), Stop)).Failure);
        Assert.Equal(SyslogProof.Delivered, (await sender.ConfirmAsync(Stop)).Proof);
        Assert.Equal("<29>CEF:0|1\n<29>CEF:0|2\n", collector.Received);
    }

    [Fact]
    public async Task A_collector_that_goes_away_with_events_unread_makes_the_caller_repeat()
    {
        await using var collector = new LoopbackCollector { Reads = false };
        await using var sender = new SyslogSender(collector.Endpoint);
        Assert.Null((await sender.SendAsync(Events.Make(5), Stop)).Failure);
        await collector.DropAsync();
        var delivery = await sender.SendAsync(Events.Make(5), Stop);
        Assert.Same(Faults.SyslogUnreachable, delivery.Failure!.Fault.Kind);
        Assert.Equal(0, delivery.Settled);
    }

    [Fact]
    public async Task A_confirmation_sees_events_that_were_left_unread()
    {
        await using var collector = new LoopbackCollector { Reads = false };
        await using var sender = new SyslogSender(collector.Endpoint);
        Assert.Null((await sender.SendAsync(Events.Make(5), Stop)).Failure);
        await collector.DropAsync();
        var confirmation = await sender.ConfirmAsync(Stop);
        Assert.Equal((SyslogProof.Broken, 5), (confirmation.Proof, confirmation.Events));
        Assert.NotNull(confirmation.Failure);
    }

    [Fact]
    public async Task A_collector_that_stops_listening_while_it_closes_has_proven_nothing()
    {
        await using var collector = new LoopbackCollector();
        await using var sender = new SyslogSender(collector.Endpoint);
        await sender.SendAsync("CEF:0|1"u8.ToArray(), Stop);
        collector.StopListening();
        var confirmation = await sender.ConfirmAsync(Stop);
        Assert.Equal(SyslogProof.Broken, confirmation.Proof);
    }

    [Fact]
    public async Task A_collector_that_never_closes_leaves_the_events_unproven()
    {
        await using var collector = new LoopbackCollector { Closes = false };
        await using var sender = new SyslogSender(collector.Endpoint with { CloseTimeout = TimeSpan.FromMilliseconds(200) });
        await sender.SendAsync(Events.Make(5), Stop);
        Assert.Equal(new SyslogConfirmation(SyslogProof.Unproven, 5), await sender.ConfirmAsync(Stop));
        Assert.Null((await sender.SendAsync(Events.Make(5), Stop)).Failure);
    }

    [Fact]
    public async Task A_cancelled_call_says_so_and_nothing_follows_a_torn_event()
    {
        await using var collector = new LoopbackCollector { Reads = false };
        await using var sender = new SyslogSender(collector.Endpoint, TimeProvider.System, limited: false);
        using var cancelled = new CancellationTokenSource();
        var sending = sender.SendAsync([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1_000_000], 60)], cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
        Assert.Equal(0, sender.Unconfirmed);
    }

    [Fact]
    public async Task Disposing_delivers_what_was_sent()
    {
        await using var collector = new LoopbackCollector();
        await using (var sender = new SyslogSender(collector.Endpoint, TimeProvider.System, limited: false))
        {
            await sender.SendAsync(Events.Make(1_000), Stop);
        }

        Assert.Equal(1_000, collector.Received.Count(c => c == '\n'));
    }
}
