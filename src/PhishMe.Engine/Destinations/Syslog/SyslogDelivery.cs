using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>What became of the events of one call.</summary>
internal sealed record SyslogDelivery
{
    /// <summary>Events handed to the operating system whole.</summary>
    public required int Sent { get; init; }

    /// <summary>
    /// How many events from the start of the list are settled: handed over or set aside. Equal to the length of the list when
    /// nothing failed. After a failure it is information only: what was handed over may be lost with the connection.
    /// </summary>
    public required int Settled { get; init; }

    /// <summary>Events that can never be sent.</summary>
    public IReadOnlyList<SyslogRejection> Rejected { get; init; } = [];

    /// <summary>
    /// Events sent that a receiver with default settings may cut: over 2,048 bytes on UDP (RFC 5426 section 3.2), over 8,192 bytes on a connection
    /// (RFC 5425 section 4.3.1).
    /// </summary>
    public int Oversized { get; init; }

    /// <summary>Why not everything was sent; null when it was. Then repeat all events since the last confirmation.</summary>
    public PhishMeException? Failure { get; init; }
}
