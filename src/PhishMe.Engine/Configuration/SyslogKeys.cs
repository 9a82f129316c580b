using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The keys of a syslog collector: what they are called, and what they mean.</summary>
internal static class SyslogKeys
{
    private const int Port = 514;
    private const int TlsPort = 6514;

    /// <summary>The keys of [output_cef].</summary>
    public static IReadOnlyList<KeySchema> All { get; } = Make();

    /// <summary>Reads them; what is wrong becomes a finding.</summary>
    public static SyslogSettings Read(SectionValues section)
    {
        var transport = section.Word("syslog_transport") switch
        {
            "tcp" => SyslogTransport.Tcp,
            "tls" => SyslogTransport.Tls,
            _ => SyslogTransport.Udp,
        };
        return new SyslogSettings
        {
            Host = ReadHost(section, "syslog_host"),
            Port = section.OptionalInteger("syslog_port") ?? (transport == SyslogTransport.Tls ? TlsPort : Port),
            MaximumEventsPerSecond = section.Integer("max_eps"),
            Transport = transport,
            Framing = section.Word("syslog_framing") switch
            {
                "rfc3164" => SyslogFraming.Rfc3164,
                "rfc5424" => SyslogFraming.Rfc5424,
                _ => SyslogFraming.Legacy,
            },
            TcpFraming = section.Word("syslog_tcp_framing") switch
            {
                "octet" => SyslogTcpFraming.OctetCounting,
                "lf" => SyslogTcpFraming.LineFeed,
                // RFC 5425 knows nothing but lengths; some collectors do, so the file has the last word.
                _ => transport == SyslogTransport.Tls ? SyslogTcpFraming.OctetCounting : SyslogTcpFraming.LineFeed,
            },
            AuthorityFile = section.InputFile("syslog_ca_file"),
            ClientCertificate = ReadClientCertificate(section, "syslog_client_certificate"),
            ServerName = section.Text("syslog_server_name"),
            Facility = section.Integer("syslog_facility"),
            Severity = section.Integer("syslog_severity"),
            OutboxMaximumMegabytes = section.Integer("outbox_max_mb"),
            Heartbeat = section.Boolean("heartbeat"),
        };
    }

    /// <summary>The host of a collector; a value that is no host becomes a finding.</summary>
    public static string ReadHost(SectionValues section, string key)
    {
        var host = section.RequiredText(key, "Write the name or IP address of the collector.");
        if (host.Length > 0 && Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown)
        {
            section.Report(FindingRules.NotAHost, key, "The value is not a host. Write only the name or IP address, without scheme, " +
                "port or path.");
        }

        return host.Trim('[', ']');
    }

    /// <summary>A client certificate: <c>key</c>, <c>key_key</c> and <c>key_password</c>; null for none.</summary>
    public static ClientCertificateSettings? ReadClientCertificate(SectionValues section, string key)
    {
        var file = section.InputFile(key);
        var keyFile = section.InputFile($"{key}_key");
        var password = section.Secret($"{key}_password");
        return file is null ? null : new ClientCertificateSettings { File = file, KeyFile = keyFile, Password = password };
    }

    private static KeySchema[] Make()
    {
        const KnownIn Before480 = KnownIn.Documentation2017 | KnownIn.OlderVersions;
        return
        [
            Flag("syslog_use", "False", "Send CEF by syslog.") with { KnownIn = Before480 },
            Text("syslog_host", "Name or address of the collector.") with { KnownIn = Before480 },
            Number("syslog_port", "", 1, 65535, "Port of the collector. Empty: 514, or 6514 for tls.") with { KnownIn = Before480 },
            Number("max_eps", "500", 1, 1000, "Maximum number of events per second.") with { KnownIn = Before480 },
            Ours(Word("syslog_transport", "udp", ["udp", "tcp", "tls"], "Transport of the messages.")),
            Ours(Word("syslog_framing", "legacy", ["legacy", "rfc3164", "rfc5424"],
                "Header before the CEF line. legacy: only <29>, as the original sends.")),
            Ours(Word("syslog_tcp_framing", "", ["lf", "octet"],
                "How messages are separated on TCP: line feed or octet counting. Empty: lf, or octet for tls.")),
            Ours(Input("syslog_ca_file", "PEM file with certificate authorities to trust for the collector besides the system's.")),
            Ours(Input("syslog_client_certificate", "Client certificate for the collector: PEM or PKCS #12.")),
            Ours(Input("syslog_client_certificate_key", "PEM file with its private key, if the certificate file does not contain it.")),
            Ours(Secret("syslog_client_certificate_password", "Password of the private key.")),
            Ours(Text("syslog_server_name", "Name that the collector's certificate must have. Empty: syslog_host.")),
            Ours(Number("syslog_facility", "3", 0, 23, "Syslog facility; 3 is daemon.")),
            Ours(Number("syslog_severity", "5", 0, 7, "Syslog severity; 5 is notice.")),
            Ours(Number("outbox_max_mb", "256", 1, 102_400, "Megabytes of events to keep on disk while the collector is down.")),
            Ours(Flag("heartbeat", "False", "Send one event per run to show that it ran.")),
        ];
    }
}
