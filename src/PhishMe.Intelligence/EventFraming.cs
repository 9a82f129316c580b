namespace PhishMe.Intelligence;

/// <summary>What stands before an event on its way to a syslog collector.</summary>
public enum EventFraming
{
    /// <summary>The priority alone, as the Python integration sent it.</summary>
    Legacy,

    /// <summary>Priority, timestamp and host of RFC 3164.</summary>
    Rfc3164,

    /// <summary>The whole header of RFC 5424.</summary>
    Rfc5424,
}
