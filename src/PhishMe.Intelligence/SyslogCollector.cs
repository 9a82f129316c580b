namespace PhishMe.Intelligence;

/// <summary>A syslog collector, as a shell names it.</summary>
public sealed record SyslogCollector
{
    /// <summary>Name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port; null for 514, with TLS 6514.</summary>
    public int? Port { get; init; }

    /// <summary>How events travel.</summary>
    public EventTransport Transport { get; init; }

    /// <summary>What stands before an event.</summary>
    public EventFraming Framing { get; init; }

    /// <summary>How events are separated on a connection; null for a line feed, or for octet counting with TLS.</summary>
    public EventDelimiting? Delimiting { get; init; }

    /// <summary>Events per second, 1 to 1000.</summary>
    public int MaximumRate { get; init; } = 500;

    /// <summary>Facility, 0 to 23.</summary>
    public int Facility { get; init; } = 3;

    /// <summary>Severity, 0 to 7.</summary>
    public int Severity { get; init; } = 5;

    /// <summary>PEM file with certificate authorities to trust for the collector; null for the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Name the collector's certificate must carry; null for <see cref="Host"/>.</summary>
    public string? ServerName { get; init; }
}
