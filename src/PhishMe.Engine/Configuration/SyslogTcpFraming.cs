namespace PhishMe.Engine.Configuration;

/// <summary>How messages are told apart on a TCP connection (RFC 6587).</summary>
internal enum SyslogTcpFraming
{
    /// <summary>A line feed ends each message.</summary>
    LineFeed,

    /// <summary>The length in octets stands before each message; always so with TLS.</summary>
    OctetCounting,
}
