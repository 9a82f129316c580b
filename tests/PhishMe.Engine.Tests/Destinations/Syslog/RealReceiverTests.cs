using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>Against the daemons that stand in front of most SIEMs.</summary>
[NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
public abstract class RealReceiverTests(string daemon)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(SyslogTransport.Udp), nameof(SyslogTcpFraming.LineFeed), "127.0.0.1")]
    [InlineData(nameof(SyslogTransport.Udp), nameof(SyslogTcpFraming.LineFeed), "::1")]
    [InlineData(nameof(SyslogTransport.Tcp), nameof(SyslogTcpFraming.LineFeed), "127.0.0.1")]
    [InlineData(nameof(SyslogTransport.Tcp), nameof(SyslogTcpFraming.OctetCounting), "127.0.0.1")]
    [InlineData(nameof(SyslogTransport.Tcp), nameof(SyslogTcpFraming.LineFeed), "::1")]
    [InlineData(nameof(SyslogTransport.Tls), nameof(SyslogTcpFraming.OctetCounting), "127.0.0.1")]
    [InlineData(nameof(SyslogTransport.Tls), nameof(SyslogTcpFraming.LineFeed), "::1")]
    public async Task Every_event_arrives_byte_for_byte_and_in_order(string transportName, string framing, string address)
    {
        var transport = Enum.Parse<SyslogTransport>(transportName);
        using var certificates = transport == SyslogTransport.Tls ? new TestCertificates() : null;
        await using var receiver = await Receiver.StartAsync(daemon, Endpoint(transport, Enum.Parse<SyslogTcpFraming>(framing), address, certificates), certificates);
        var events = Events.Make(300);

        await using var sender = new SyslogSender(receiver.Endpoint, TimeProvider.System, limited: false);
        var delivery = await sender.SendAsync(events, Stop);
        Assert.Null(delivery.Failure);
        Assert.Equal((300, 300), (delivery.Sent, delivery.Settled));
        var confirmation = await sender.ConfirmAsync(Stop);
        Assert.Equal(transport == SyslogTransport.Udp ? SyslogProof.Unproven : SyslogProof.Delivered, confirmation.Proof);

        var lines = await receiver.WaitForAsync(300);
        Assert.Equal(events.Select(e => "<29>" + Encoding.UTF8.GetString(e.Span)), lines.Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData(nameof(SyslogFraming.Rfc3164), @"^<29>[A-Z][a-z]{2} [ 0-9][0-9] \d\d:\d\d:\d\d [!-~]+ (?=CEF:0\|)")]
    [InlineData(nameof(SyslogFraming.Rfc5424), @"^<29>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [!-~]+ PhishMe \d+ CEF - (?=CEF:0\|)")]
    public async Task A_header_stands_before_the_unchanged_event(string framing, string header)
    {
        await using var receiver = await Receiver.StartAsync(
            daemon, new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp, Framing = Enum.Parse<SyslogFraming>(framing) });
        var events = Events.Make(20);

        await using var sender = new SyslogSender(receiver.Endpoint);
        Assert.Null((await sender.SendAsync(events, Stop)).Failure);

        var lines = (await receiver.WaitForAsync(20)).Select(Encoding.UTF8.GetString).ToList();
        Assert.All(lines, line => Assert.Matches(header, line));
        Assert.Equal(events.Select(e => Encoding.UTF8.GetString(e.Span)), lines.Select(line => Regex.Replace(line, header, "")));
    }

    [Fact]
    public async Task A_hundred_thousand_events_arrive_complete_and_in_order()
    {
        await using var receiver = await Receiver.StartAsync(daemon, new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        var events = Events.Make(100_000);

        await using var sender = new SyslogSender(receiver.Endpoint, TimeProvider.System, limited: false);
        for (var sent = 0; sent < events.Length; sent += 5_000)
        {
            Assert.Null((await sender.SendAsync(new ArraySegment<ReadOnlyMemory<byte>>(events, sent, 5_000), Stop)).Failure);
        }

        Assert.Equal(new SyslogConfirmation(SyslogProof.Delivered, 100_000), await sender.ConfirmAsync(Stop));

        await receiver.WaitForSizeAsync(events.Sum(e => e.Length + 5L));
        var lines = receiver.Lines();
        Assert.Equal(100_000, lines.Count);
        for (var i = 0; i < events.Length; i++)
        {
            Assert.True(lines[i].AsSpan(4).SequenceEqual(events[i].Span), $"event {i}");
        }
    }

    [Theory]
    [InlineData(nameof(SyslogTransport.Tcp))]
    [InlineData(nameof(SyslogTransport.Tls))]
    public async Task A_receiver_that_stops_and_starts_in_the_middle_loses_nothing(string transportName)
    {
        var transport = Enum.Parse<SyslogTransport>(transportName);
        using var certificates = transport == SyslogTransport.Tls ? new TestCertificates() : null;
        await using var receiver = await Receiver.StartAsync(
            daemon, Endpoint(transport, SyslogTcpFraming.OctetCounting, "127.0.0.1", certificates), certificates);
        const int BatchSize = 500;
        var batches = Events.Make(40 * BatchSize).Chunk(BatchSize).ToArray();
        var failures = 0;

        await using var sender = new SyslogSender(receiver.Endpoint, TimeProvider.System, limited: false);
        var delivering = Task.Run(
            async () =>
            {
                foreach (var batch in batches)
                {
                    while (true)
                    {
                        var delivery = await sender.SendAsync(batch, Stop);
                        if (delivery.Failure is null && (await sender.ConfirmAsync(Stop)).Proof == SyslogProof.Delivered)
                        {
                            break;
                        }

                        failures++;
                        await Task.Delay(20, Stop);
                    }
                }
            },
            Stop);

        for (var restart = 1; restart <= 3; restart++)
        {
            await receiver.WaitForSizeAsync(restart * 4 * BatchSize * 300);
            await receiver.StopAsync();
            await receiver.StartAsync();
        }

        await delivering;
        var lines = (await receiver.WaitForAsync([.. "<29>"u8, .. batches[^1][^1].Span])).Select(Encoding.UTF8.GetString).ToList();
        var expected = batches.SelectMany(batch => batch).Select(e => "<29>" + Encoding.UTF8.GetString(e.Span)).ToList();
        Assert.True(failures > 0, "The receiver was never missed: the test proves nothing.");
        Assert.Empty(expected.Except(lines));

        // The order of first arrivals is the order of sending, and only whole batches that were in flight came again.
        Assert.Equal(expected, lines.Distinct().Where(expected.ToHashSet().Contains));
        Assert.True(lines.Count - expected.Count <= failures * BatchSize, $"{lines.Count - expected.Count} repeated in {failures} failures");
    }

    [Fact]
    public async Task A_receiver_that_wants_a_client_certificate_and_gets_none_takes_nothing()
    {
        using var certificates = new TestCertificates();
        await using var receiver = await Receiver.StartAsync(
            daemon, Endpoint(SyslogTransport.Tls, SyslogTcpFraming.OctetCounting, "127.0.0.1", certificates), certificates);
        await using var sender = new SyslogSender(receiver.Endpoint with { ClientCertificateFile = null, ClientKeyFile = null });
        var delivery = await sender.SendAsync(Events.Make(10), Stop);

        // Under TLS 1.3 the refusal may come after the first write.
        var failure = delivery.Failure ?? (await sender.ConfirmAsync(Stop)).Failure;
        Assert.NotNull(failure);
        Assert.Equal(receiver.Endpoint.ToString(), failure.Fault.Where);
        Assert.Same(Faults.SyslogCertificateRefused, failure.Fault.Kind);
        Assert.Contains("alert", failure.Message, StringComparison.Ordinal);
        Assert.Empty(receiver.Lines());
    }

    private static SyslogEndpoint Endpoint(SyslogTransport transport, SyslogTcpFraming framing, string address, TestCertificates? certificates) => new()
    {
        Host = address,
        Transport = transport,
        TcpFraming = framing,
        AuthorityFile = certificates?.AuthorityFile,
        ClientCertificateFile = certificates?.ClientFile,
        ClientKeyFile = certificates?.ClientKeyFile,
    };
}

public sealed class RsyslogTests() : RealReceiverTests("rsyslog")
{
    /// <summary>liblognorm is what rsyslog takes CEF apart with. Version 2.0.6 loses the first letter of the first key.</summary>
    [Fact]
    public async Task Liblognorm_takes_the_received_events_apart()
    {
        var program = Receiver.Find("lognormalizer");
        Assert.SkipWhen(program is null, "skipped: liblognorm-utils not installed");
        const string Start = "CEF:0|PhishMe|Intelligence|1.0|watchlist_url|Watchlist URL|10|cat=Major externalId=900101 deviceCustomDate1=1750766401337 ";
        ReadOnlyMemory<byte>[] events =
        [
            Encoding.UTF8.GetBytes(Start + @"cs2=Köln 日本語 cs4=https://files.malware.example/get.php?id\=7&t\=a|b"),
            Encoding.UTF8.GetBytes(Start + @"cs2=Example Logistics cs4=back\\slash\nand line"),
        ];
        await using var receiver = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tcp });
        await using var sender = new SyslogSender(receiver.Endpoint);
        Assert.Null((await sender.SendAsync(events, TestContext.Current.CancellationToken)).Failure);
        var lines = await receiver.WaitForAsync(events.Length);

        var rules = Path.GetTempFileName();
        await File.WriteAllTextAsync(rules, "version=2\nrule=:<29>%event:cef%\n", TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(program!, ["-r", rules, "-e", "json"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        foreach (var line in lines)
        {
            await process.StandardInput.BaseStream.WriteAsync((byte[])[.. line, (byte)'\n'], TestContext.Current.CancellationToken);
        }

        process.StandardInput.Close();
        var parsed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        File.Delete(rules);

        var documents = parsed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["event"]!).ToList();
        Assert.Equal(["watchlist_url", "watchlist_url"], documents.Select(document => (string?)document["SignatureID"]));
        Assert.All(documents, document => Assert.Equal("900101", (string?)document["Extensions"]!["externalId"]));
        Assert.Equal("Köln 日本語", (string?)documents[0]["Extensions"]!["cs2"]);
        Assert.Equal("https://files.malware.example/get.php?id=7&t=a|b", (string?)documents[0]["Extensions"]!["cs4"]);
        Assert.Equal("back\\slash\nand line", (string?)documents[1]["Extensions"]!["cs4"]);
    }
}

public sealed class SyslogNgTests() : RealReceiverTests("syslog-ng");
