using System.Buffers;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

public sealed class SyslogFramerTests
{
    private const string Event = @"CEF:0|PhishMe|Intelligence|1.0|watchlist_url|Watchlist URL|10|externalId=1 cs4=https://x.example/?a\=b|c é€😀";

    private static readonly DateTimeOffset Now = new(2025, 3, 7, 23, 5, 9, 123, 456, TimeSpan.Zero);
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

    [Fact]
    public void Legacy_over_udp_is_the_priority_and_the_event_and_nothing_else() =>
        Assert.Equal("<29>" + Event, Frame(new() { Host = "h" }, Event));

    [Theory]
    [InlineData(nameof(SyslogTransport.Tcp))]
    [InlineData(nameof(SyslogTransport.Tls))]
    public void Lf_framing_ends_an_event_with_one_line_feed(string transport) =>
        Assert.Equal("<29>" + Event + "\n", Frame(new() { Host = "h", Transport = Enum.Parse<SyslogTransport>(transport), TcpFraming = SyslogTcpFraming.LineFeed }, Event));

    [Theory]
    [InlineData(nameof(SyslogTransport.Tcp))]
    [InlineData(nameof(SyslogTransport.Tls))]
    public void Octet_framing_counts_bytes_not_characters(string transport)
    {
        var framed = Frame(new() { Host = "h", Transport = Enum.Parse<SyslogTransport>(transport), TcpFraming = SyslogTcpFraming.OctetCounting }, Event);
        Assert.Equal($"{Encoding.UTF8.GetByteCount("<29>" + Event)} <29>{Event}", framed);
    }

    [Fact]
    public void Octet_framing_does_not_touch_udp() =>
        Assert.Equal("<29>x", Frame(new() { Host = "h", TcpFraming = SyslogTcpFraming.OctetCounting }, "x"));

    [Fact]
    public void Tls_counts_octets_and_tcp_ends_lines_unless_told_otherwise()
    {
        Assert.Equal("5 <29>x", Frame(new() { Host = "h", Transport = SyslogTransport.Tls }, "x"));
        Assert.Equal("<29>x\n", Frame(new() { Host = "h", Transport = SyslogTransport.Tcp }, "x"));
    }

    [Theory]
    [InlineData(7, "<29>Mar  8 01:05:09 sensor-1 ")]
    [InlineData(11, "<29>Mar 12 01:05:09 sensor-1 ")]
    public void Rfc3164_has_local_time_a_blank_padded_day_and_the_bare_host(int day, string header)
    {
        var now = new DateTimeOffset(2025, 3, day, 23, 5, 9, TimeSpan.Zero);
        Assert.Equal(header + Event, Frame(new() { Host = "h", Framing = SyslogFraming.Rfc3164 }, Event, now));
    }

    [Fact]
    public void Rfc5424_has_utc_microseconds_and_no_structured_data_and_no_byte_order_mark() =>
        Assert.Equal(
            "<29>1 2025-03-07T23:05:09.123456Z sensor-1.example.org PhishMe 4711 CEF - " + Event,
            Frame(new() { Host = "h", Framing = SyslogFraming.Rfc5424 }, Event));

    [Theory]
    [InlineData("", "-")]
    [InlineData("ö ß", "-")]
    [InlineData("my sensör", "mysensr")]
    public void A_host_name_is_reduced_to_what_the_header_allows(string host, string expected)
    {
        var framed = Frame(new() { Host = "h", Framing = SyslogFraming.Rfc5424 }, "x", Now, host);
        Assert.Equal($"<29>1 2025-03-07T23:05:09.123456Z {expected} PhishMe 4711 CEF - x", framed);
    }

    [Theory]
    [InlineData(0, 0, "<0>")]
    [InlineData(16, 6, "<134>")]
    [InlineData(23, 7, "<191>")]
    public void The_priority_is_facility_times_eight_plus_severity(int facility, int severity, string priority) =>
        Assert.Equal(priority + "x", Frame(new() { Host = "h", Facility = facility, Severity = severity }, "x"));

    [Theory]
    [InlineData("", nameof(SyslogRejectionReason.Empty))]
    [InlineData("\n", nameof(SyslogRejectionReason.LineBreak))]
    [InlineData("CEF:0|a\nb", nameof(SyslogRejectionReason.LineBreak))]
    [InlineData("CEF:0|a\rb", nameof(SyslogRejectionReason.LineBreak))]
    [InlineData("CEF:0|a\r\n", nameof(SyslogRejectionReason.LineBreak))]
    public void What_would_break_the_framing_is_rejected_on_every_transport(string text, string reason)
    {
        foreach (var transport in Enum.GetValues<SyslogTransport>())
        {
            var writer = new ArrayBufferWriter<byte>();
            Assert.Equal(reason, Framer(new() { Host = "h", Transport = transport }).Write(Encoding.UTF8.GetBytes(text), writer, out _).ToString());
            Assert.Equal(0, writer.WrittenCount);
        }
    }

    [Theory]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\v\f\u001c")]
    [InlineData(@"\n\r")]
    public void Only_carriage_return_and_line_feed_are_line_breaks(string text) =>
        Assert.Equal($"<29>CEF:{text}", Frame(new() { Host = "h" }, $"CEF:{text}"));

    [Theory]
    [InlineData(nameof(SyslogFraming.Legacy), 65_503, null)]
    [InlineData(nameof(SyslogFraming.Legacy), 65_504, nameof(SyslogRejectionReason.TooLarge))]
    [InlineData(nameof(SyslogFraming.Rfc3164), 65_478, null)]
    [InlineData(nameof(SyslogFraming.Rfc3164), 65_479, nameof(SyslogRejectionReason.TooLarge))]
    public void A_datagram_holds_65507_bytes_with_its_header(string framing, int length, string? reason) =>
        Assert.Equal(
            reason,
            Framer(new() { Host = "h", Framing = Enum.Parse<SyslogFraming>(framing) }).Write(new byte[length], new ArrayBufferWriter<byte>(), out _)?.ToString());

    [Theory]
    [InlineData(nameof(SyslogTransport.Udp), 2_044, false)]
    [InlineData(nameof(SyslogTransport.Udp), 2_045, true)]
    [InlineData(nameof(SyslogTransport.Tcp), 8_188, false)]
    [InlineData(nameof(SyslogTransport.Tcp), 8_189, true)]
    [InlineData(nameof(SyslogTransport.Tls), 1_000_000, true)]
    public void A_size_beyond_what_receivers_must_take_is_noted(string transport, int length, bool expected)
    {
        Assert.Null(Framer(new() { Host = "h", Transport = Enum.Parse<SyslogTransport>(transport) }).Write(new byte[length], new ArrayBufferWriter<byte>(), out var oversized));
        Assert.Equal(expected, oversized);
    }

    [Fact]
    public void Frames_follow_one_another_without_anything_between()
    {
        var framer = Framer(new() { Host = "h", Transport = SyslogTransport.Tcp, TcpFraming = SyslogTcpFraming.OctetCounting });
        var writer = new ArrayBufferWriter<byte>();
        framer.Write("a"u8, writer, out _);
        framer.Write("bc"u8, writer, out _);
        Assert.Equal("5 <29>a6 <29>bc", Encoding.UTF8.GetString(writer.WrittenSpan));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_pass_unchanged()
    {
        var writer = new ArrayBufferWriter<byte>();
        Framer(new() { Host = "h" }).Write([0xff, 0xfe, 0x00, 0x80], writer, out _);
        Assert.Equal([.. "<29>"u8, 0xff, 0xfe, 0x00, 0x80], writer.WrittenSpan.ToArray());
    }

    private static SyslogFramer Framer(SyslogEndpoint endpoint, DateTimeOffset? now = null, string host = "sensor-1.example.org") =>
        new(endpoint, new ManualTime(now ?? Now, Zone), host, 4711);

    private static string Frame(SyslogEndpoint endpoint, string text, DateTimeOffset? now = null, string host = "sensor-1.example.org")
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.Null(Framer(endpoint, now, host).Write(Encoding.UTF8.GetBytes(text), writer, out _));
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
