using System.Diagnostics;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The keys of a syslog collector: what they are called, and what they mean.</summary>
internal static class SyslogKeys
{
    private const int Port = 514;
    private const int TlsPort = 6514;

    /// <summary>The keys of [output_cef].</summary>
    public static IReadOnlyList<KeySchema> All { get; } = Make();

    /// <summary>The keys of a product that takes syslog, as the original spells them, and ours.</summary>
    /// <param name="transport">The default of <c>transport</c>.</param>
    /// <param name="framing">The default of <c>framing</c>.</param>
    /// <param name="mayBeBare">Whether an event may be sent without any header.</param>
    public static IReadOnlyList<KeySchema> OfProduct(string transport = "udp", string framing = "legacy", bool mayBeBare = false) =>
    [
        Text("host_without_protocol", "Name or address of the collector.") with { Default = "localhost" },
        Number("port", "", 1, 65535, "Port of the collector. Empty: 514, or 6514 for tls.") with { MayBeEmpty = true },
        Number("max_eps", "500", 1, 1000, "Maximum number of events per second."),
        .. Make(Product, transport, framing, mayBeBare),
        Ours(Number("max_message_bytes", "8192", 480, 65_507,
            "Bytes of an event at most. A longer one loses cs6 and cs5, and becomes a dead letter if that is not enough.")),
    ];

    /// <summary>Reads the keys of [output_cef]; what is wrong becomes a finding.</summary>
    public static SyslogSettings Read(SectionValues section) => Read(section, Raw, "syslog_host", "syslog_port");

    /// <summary>Reads the keys of a product; what is wrong becomes a finding.</summary>
    public static SyslogSettings ReadProduct(SectionValues section) =>
        Read(section, Product, "host_without_protocol", "port") with { MaximumMessageBytes = section.Integer("max_message_bytes") };

    private static string Raw(string key) => "syslog_" + key;

    private static string Product(string key) => key;

    private static SyslogSettings Read(SectionValues section, Func<string, string> name, string host, string port)
    {
        var transport = section.Word(name("transport")) switch
        {
            "tcp" => SyslogTransport.Tcp,
            "tls" => SyslogTransport.Tls,
            "udp" => SyslogTransport.Udp,
            var other => throw new UnreachableException(other),
        };
        return new SyslogSettings
        {
            Host = ReadHost(section, host),
            Port = section.OptionalInteger(port) ?? (transport == SyslogTransport.Tls ? TlsPort : Port),
            MaximumEventsPerSecond = section.Integer("max_eps"),
            Transport = transport,
            Framing = section.Word(name("framing")) switch
            {
                "rfc3164" => SyslogFraming.Rfc3164,
                "rfc5424" => SyslogFraming.Rfc5424,
                "raw" => SyslogFraming.None,
                "legacy" => SyslogFraming.Legacy,
                var other => throw new UnreachableException(other),
            },
            TcpFraming = section.Word(name("tcp_framing")) switch
            {
                "octet" => SyslogTcpFraming.OctetCounting,
                "lf" => SyslogTcpFraming.LineFeed,
                // RFC 5425 knows nothing but lengths; some collectors do, so the file has the last word.
                _ => transport == SyslogTransport.Tls ? SyslogTcpFraming.OctetCounting : SyslogTcpFraming.LineFeed,
            },
            AuthorityFile = section.InputFile(name("ca_file")),
            ClientCertificate = ReadClientCertificate(section, name("client_certificate")),
            ServerName = section.Text(name("server_name")),
            Facility = section.Integer(name("facility")),
            Severity = section.Integer(name("severity")),
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
            .. Make(Raw, "udp", "legacy", mayBeBare: false),
        ];
    }

    private static KeySchema[] Make(Func<string, string> name, string transport, string framing, bool mayBeBare) =>
    [
        Ours(Word(name("transport"), transport, ["udp", "tcp", "tls"], "Transport of the messages.")),
        Ours(Word(name("framing"), framing, ["legacy", "rfc3164", "rfc5424", .. mayBeBare ? (string[])["raw"] : []],
            mayBeBare ? "Header before the event. legacy: only <29>; raw: none." : "Header before the CEF line. legacy: only <29>, as the original sends.")),
        Ours(Word(name("tcp_framing"), "", ["lf", "octet"],
            "How messages are separated on TCP: line feed or octet counting. Empty: lf, or octet for tls.")),
        Ours(Input(name("ca_file"), "PEM file with certificate authorities to trust for the collector besides the system's.")),
        Ours(Input(name("client_certificate"), "Client certificate for the collector: PEM or PKCS #12.")),
        Ours(Input(name("client_certificate_key"), "PEM file with its private key, if the certificate file does not contain it.")),
        Ours(Secret(name("client_certificate_password"), "Password of the private key.")),
        Ours(Text(name("server_name"), $"Name that the collector's certificate must have. Empty: {(name("host") == "host" ? "host_without_protocol" : "syslog_host")}.")),
        Ours(Number(name("facility"), "3", 0, 23, "Syslog facility; 3 is daemon.")),
        Ours(Number(name("severity"), "5", 0, 7, "Syslog severity; 5 is notice.")),
        Ours(Number("outbox_max_mb", "256", 1, 102_400, "Megabytes of events to keep on disk while the collector is down.")),
        Ours(Flag("heartbeat", "False", "Send one event per run to show that it ran.")),
    ];
}
