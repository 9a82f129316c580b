namespace PhishMe.Intelligence;

/// <summary>How events travel to a syslog collector.</summary>
public enum EventTransport
{
    /// <summary>One datagram per event; no promise of delivery.</summary>
    Udp,

    /// <summary>One kept connection.</summary>
    Tcp,

    /// <summary>One kept connection under TLS.</summary>
    Tls,
}
