namespace PhishMe.Engine.Configuration;

/// <summary>What stands before the CEF line in a syslog message.</summary>
internal enum SyslogFraming
{
    /// <summary>As the original: <c>&lt;29&gt;</c> and nothing else.</summary>
    Legacy,

    /// <summary>Priority, <c>Mmm dd hh:mm:ss</c> and host name.</summary>
    Rfc3164,

    /// <summary>The full header of RFC 5424.</summary>
    Rfc5424,

    /// <summary>Nothing: the event is the whole message.</summary>
    None,
}
