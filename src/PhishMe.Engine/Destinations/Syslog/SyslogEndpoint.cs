using System.Globalization;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>The collector: where it is, how it wants events, how much it can take.</summary>
internal sealed record SyslogEndpoint
{
    /// <summary>Registered port for UDP and, by custom, TCP (RFC 5426 section 3.3).</summary>
    public const int PlainPort = 514;

    /// <summary>Registered port for TLS (RFC 5425 section 4.1).</summary>
    public const int TlsPort = 6514;

    /// <summary>The most events per second that can be asked for.</summary>
    public const int HighestRate = 1000;

    /// <summary>Name or address of the collector; an IPv6 address with or without brackets. Required.</summary>
    public required string Host { get; init; }

    /// <summary>Port, 1 to 65535; when not set 514, with TLS 6514.</summary>
    public int Port
    {
        get => field != 0 ? field : Transport == SyslogTransport.Tls ? TlsPort : PlainPort;
        init => field = Within(value, 1, 65535, nameof(Port));
    }

    /// <summary>How events travel.</summary>
    public SyslogTransport Transport { get; init; } = SyslogTransport.Udp;

    /// <summary>What stands in front of the event.</summary>
    public SyslogFraming Framing { get; init; } = SyslogFraming.Legacy;

    /// <summary>How events are told apart on a connection; when not set a line feed, with TLS the octet count that RFC 5425 asks for.</summary>
    public SyslogTcpFraming TcpFraming
    {
        get => ChosenTcpFraming ?? (Transport == SyslogTransport.Tls ? SyslogTcpFraming.OctetCounting : SyslogTcpFraming.LineFeed);
        init => ChosenTcpFraming = value;
    }

    /// <summary>Events per second, 1 to 1000 (<c>max_eps</c>).</summary>
    public int MaximumEventsPerSecond
    {
        get;
        init => field = Within(value, 1, HighestRate, nameof(MaximumEventsPerSecond));
    } = 500;

    /// <summary>Facility, 0 to 23 (RFC 5424 section 6.2.1); 3 is "system daemons".</summary>
    public int Facility
    {
        get;
        init => field = Within(value, 0, 23, nameof(Facility));
    } = 3;

    /// <summary>Severity, 0 to 7 (RFC 5424 section 6.2.1); 5 is "notice".</summary>
    public int Severity
    {
        get;
        init => field = Within(value, 0, 7, nameof(Severity));
    } = 5;

    /// <summary>
    /// PEM file with certificate authorities (or self-signed certificates) that the collector's certificate may come from besides the
    /// system's; null for none.
    /// </summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The certificate to show to the collector: PEM (with its chain) or PKCS#12 (<c>.pfx</c>, <c>.p12</c>); null for none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file with the private key; null when the certificate's file holds it.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Password of the private key; null for none. Never log it.</summary>
    public string? ClientKeyPassword { get; init; }

    /// <summary>The name that the collector's certificate must carry; null for <see cref="Host"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>How long resolving, connecting and the TLS handshake may take together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the collector may refuse to take data.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait at a close for the collector's own close, which shows that it has read everything.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What sort of message it is, for the header of RFC 5424 (MSGID): printable ASCII.</summary>
    public string MessageId { get; init; } = "CEF";

    /// <summary>PRI value: facility times 8 plus severity (RFC 5424 section 6.2.1); 29 by default.</summary>
    public int Priority => (Facility * 8) + Severity;

    /// <summary>The host without the brackets of an IPv6 address.</summary>
    internal string Address => Host is ['[', .. var inner, ']'] ? inner : Host;

    /// <summary>Null until somebody chooses: the default depends on the transport, whichever is set first.</summary>
    private SyslogTcpFraming? ChosenTcpFraming { get; init; }

    /// <summary>The collector that a configuration file describes.</summary>
    public static SyslogEndpoint Of(SyslogSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new SyslogEndpoint
        {
            Host = settings.Host,
            Port = settings.Port,
            Transport = settings.Transport,
            Framing = settings.Framing,
            TcpFraming = settings.TcpFraming,
            MaximumEventsPerSecond = settings.MaximumEventsPerSecond,
            Facility = settings.Facility,
            Severity = settings.Severity,
            AuthorityFile = settings.AuthorityFile,
            ClientCertificateFile = settings.ClientCertificate?.File,
            ClientKeyFile = settings.ClientCertificate?.KeyFile,
            ClientKeyPassword = settings.ClientCertificate?.Password,
            ServerName = settings.ServerName,
            MessageId = settings.MessageId,
        };
    }

    /// <summary>The place for messages, such as <c>syslog tcp://siem.example:514</c>.</summary>
    /// <returns>The text, without secrets.</returns>
    public override string ToString()
    {
        var scheme = Transport switch { SyslogTransport.Tcp => "tcp", SyslogTransport.Tls => "tls", _ => "udp" };
        var host = Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address;
        return string.Create(CultureInfo.InvariantCulture, $"syslog {scheme}://{host}:{Port}");
    }

    private static int Within(int value, int lowest, int highest, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, lowest, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, highest, name);
        return value;
    }
}
