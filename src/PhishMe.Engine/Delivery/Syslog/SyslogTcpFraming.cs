namespace PhishMe.Engine.Delivery.Syslog;

/// <summary>How a receiver tells where an event ends on a connection: <c>syslog_tcp_framing</c>.</summary>
public enum SyslogTcpFraming
{
    /// <summary>A line feed behind each event (RFC 6587 section 3.4.2, non-transparent framing).</summary>
    Lf,

    /// <summary>The length in octets and a blank before each event (RFC 6587 section 3.4.1; RFC 5425 section 4.3).</summary>
    Octet,
}
