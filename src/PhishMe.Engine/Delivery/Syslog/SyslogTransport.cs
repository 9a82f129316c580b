namespace PhishMe.Engine.Delivery.Syslog;

/// <summary>How events travel to the collector: <c>syslog_transport</c>.</summary>
public enum SyslogTransport
{
    /// <summary>One datagram per event (RFC 5426); no promise of delivery.</summary>
    Udp,

    /// <summary>One kept connection (RFC 6587).</summary>
    Tcp,

    /// <summary>One kept connection under TLS 1.2 or later (RFC 5425).</summary>
    Tls,
}
