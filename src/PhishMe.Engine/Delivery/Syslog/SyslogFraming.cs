namespace PhishMe.Engine.Delivery.Syslog;

/// <summary>What stands in front of the event: <c>syslog_framing</c>.</summary>
public enum SyslogFraming
{
    /// <summary>The priority immediately followed by the event; no timestamp, host or tag. What the original sent.</summary>
    Legacy,

    /// <summary>Priority, timestamp and host of RFC 3164 section 4.1; the event stands where the tag would.</summary>
    Rfc3164,

    /// <summary>The whole header of RFC 5424 section 6.2, no structured data, no byte order mark.</summary>
    Rfc5424,
}
