namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Why an event cannot be sent, ever: repeating it does not help.</summary>
internal enum SyslogRejectionReason
{
    /// <summary>It has no bytes.</summary>
    Empty,

    /// <summary>It holds a raw carriage return or line feed, which CEF forbids and which would become two events.</summary>
    LineBreak,

    /// <summary>It does not fit into one datagram (65,507 bytes with its header).</summary>
    TooLarge,
}
