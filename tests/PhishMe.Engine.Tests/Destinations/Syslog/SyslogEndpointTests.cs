using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

public sealed class SyslogEndpointTests
{
    [Fact]
    public void The_defaults_are_those_of_the_original()
    {
        var endpoint = new SyslogEndpoint { Host = "siem.example" };
        Assert.Equal((514, SyslogTransport.Udp, SyslogFraming.Legacy, 500, 29), (
            endpoint.Port, endpoint.Transport, endpoint.Framing, endpoint.MaximumEventsPerSecond, endpoint.Priority));
    }

    [Fact]
    public void Port_and_framing_follow_the_transport_whichever_is_set_first()
    {
        Assert.Equal(6514, new SyslogEndpoint { Host = "h", Transport = SyslogTransport.Tls }.Port);
        Assert.Equal(601, new SyslogEndpoint { Port = 601, Host = "h", Transport = SyslogTransport.Tls }.Port);
        var endpoint = new SyslogEndpoint { TcpFraming = SyslogTcpFraming.LineFeed, Host = "h", Transport = SyslogTransport.Tls };
        Assert.Equal(SyslogTcpFraming.LineFeed, endpoint.TcpFraming);
    }

    [Theory]
    [InlineData("siem.example", "syslog tls://siem.example:6514")]
    [InlineData("2001:db8::1", "syslog tls://[2001:db8::1]:6514")]
    [InlineData("[2001:db8::1]", "syslog tls://[2001:db8::1]:6514")]
    public void Its_text_names_the_place_and_no_secret(string host, string expected) =>
        Assert.Equal(expected, new SyslogEndpoint { Host = host, Transport = SyslogTransport.Tls, ClientKeyPassword = "hush" }.ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_rate_outside_1_to_1000_is_refused(int rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SyslogEndpoint { Host = "h", MaximumEventsPerSecond = rate });

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void A_port_outside_1_to_65535_is_refused(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SyslogEndpoint { Host = "h", Port = port });
}
