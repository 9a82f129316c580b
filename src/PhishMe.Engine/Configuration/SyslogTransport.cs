namespace PhishMe.Engine.Configuration;

/// <summary>How syslog messages travel.</summary>
internal enum SyslogTransport
{
    /// <summary>One datagram per message, as the original; nothing tells whether it arrived.</summary>
    Udp,

    /// <summary>One connection that is kept.</summary>
    Tcp,

    /// <summary>TCP inside TLS (RFC 5425).</summary>
    Tls,
}
