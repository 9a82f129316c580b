namespace PhishMe.Engine.Configuration;

/// <summary>A syslog collector that is in use: the syslog_… keys of [output_cef], or the section of a product.</summary>
internal sealed record SyslogSettings
{
    /// <summary>Name or address of the collector.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the collector, 1 to 65535; 514, with TLS 6514, when the file names none.</summary>
    public required int Port { get; init; }

    /// <summary>Messages sent per second at most, 1 to 1000.</summary>
    public required int MaximumEventsPerSecond { get; init; }

    /// <summary>How messages travel.</summary>
    public required SyslogTransport Transport { get; init; }

    /// <summary>What stands before the CEF line.</summary>
    public required SyslogFraming Framing { get; init; }

    /// <summary>How messages are told apart on a connection; <see cref="SyslogTcpFraming.OctetCounting"/> with TLS when the file says nothing.</summary>
    public required SyslogTcpFraming TcpFraming { get; init; }

    /// <summary>PEM file with certificate authorities to trust besides the system's; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Certificate shown to the collector; null for none.</summary>
    public ClientCertificateSettings? ClientCertificate { get; init; }

    /// <summary>Name the certificate of the collector must have; null for <see cref="Host"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>Syslog facility, 0 to 23; 3 (daemon) as the original.</summary>
    public required int Facility { get; init; }

    /// <summary>Syslog severity, 0 to 7; 5 (notice) as the original.</summary>
    public required int Severity { get; init; }

    /// <summary>Megabytes (2^20 bytes) of events that may wait on disk for a collector that is down.</summary>
    public required int OutboxMaximumMegabytes { get; init; }

    /// <summary>Whether each run sends one event that says it ran.</summary>
    public required bool Heartbeat { get; init; }

    /// <summary>What sort of message it is, for the header of RFC 5424.</summary>
    public string MessageId { get; init; } = "CEF";

    /// <summary>Bytes of an event at most; a longer one loses what is optional, or is rejected. Null for no limit.</summary>
    public int? MaximumMessageBytes { get; init; }
}
