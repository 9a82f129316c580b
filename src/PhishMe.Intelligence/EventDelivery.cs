namespace PhishMe.Intelligence;

/// <summary>What became of the events sent to a syslog collector.</summary>
public sealed record EventDelivery
{
    /// <summary>The collector, such as <c>syslog tcp://siem.example:514</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Events sent.</summary>
    public int Sent { get; init; }

    /// <summary>Events that can never be sent: empty, with a line break, too long for a datagram.</summary>
    public int Rejected { get; init; }

    /// <summary>Events sent that a collector with default settings may cut, for their length.</summary>
    public int Oversized { get; init; }

    /// <summary>Whether the collector is known to have read all of them. UDP proves nothing, nor does a collector that does not close connections.</summary>
    public bool Confirmed { get; init; }
}
