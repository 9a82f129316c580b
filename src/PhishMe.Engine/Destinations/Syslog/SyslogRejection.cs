namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>An event that was set aside, for the dead letters.</summary>
/// <param name="Index">Its index in the list handed in.</param>
/// <param name="Reason">Why.</param>
internal sealed record SyslogRejection(int Index, SyslogRejectionReason Reason)
{
    /// <summary>The reason in words.</summary>
    public string Message => Reason switch
    {
        SyslogRejectionReason.Empty => "The event is empty.",
        SyslogRejectionReason.LineBreak => "The event contains a line break, which CEF does not allow.",
        _ => "The event does not fit into one UDP datagram of 65,507 bytes; use syslog_transport = tcp or tls.",
    };
}
