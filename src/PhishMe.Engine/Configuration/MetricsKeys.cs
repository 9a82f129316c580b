using System.Buffers;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The section [local_metrics].</summary>
internal static class MetricsKeys
{
    public const string SectionName = "local_metrics";

    private const string SignalPath = "/v1/metrics";

    /// <summary>RFC 9110, 5.6.2: what the name of a header is made of.</summary>
    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static SectionSchema Section { get; } = new()
    {
        Name = SectionName,
        Description = "Figures for monitoring.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(new()
            {
                Name = "textfile", Kind = ValueKind.OutputFile,
                Description = "File with the figures of the last run, for the textfile collector of Prometheus's node_exporter; its name must end in .prom. Empty: none.",
            }),
            Ours(Url("otlp_endpoint", "",
                "OpenTelemetry collector that gets the figures of each run, and every minute those of phishme-server, by OTLP over HTTP (protobuf, usually port 4318); "
                + "/v1/metrics is added. Empty: none.") with { Example = "http://localhost:4318" }),
            Ours(Secret("otlp_headers",
                "Headers for the collector, as in OTEL_EXPORTER_OTLP_HEADERS: name=value, parted by commas; a comma or '%' of a value is written as %2C or %25.")),
        ],
    };

    /// <summary>Reads the section.</summary>
    public static MetricsSettings Read(SectionValues section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return new MetricsSettings { TextFile = section.OutputFile("textfile"), Otlp = ReadCollector(section) };
    }

    private static OtlpSettings? ReadCollector(SectionValues section)
    {
        var address = section.Url("otlp_endpoint");
        var headers = ReadHeaders(section);
        if (address is null)
        {
            if (headers.Count > 0 && section.Unchecked("otlp_endpoint") is null)
            {
                section.Report(FindingRules.EntryWithoutEffect, "otlp_headers", "There is no otlp_endpoint that would get these headers. Add it, or remove them.");
            }

            return null;
        }

        if (address.UserInfo.Length > 0)
        {
            section.Report(FindingRules.CredentialsInUrl, "otlp_endpoint",
                "The URL contains credentials, which are ignored. Remove them and write otlp_headers = Authorization=Basic and the credentials in Base64.");
        }

        if (headers.Count > 0 && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            section.Report(FindingRules.ConnectionNotEncrypted, "otlp_endpoint", "The collector is reached over http://, so otlp_headers travel in clear text. Write https://.");
        }

        var path = address.AbsolutePath.TrimEnd('/');
        return new OtlpSettings
        {
            Address = new UriBuilder(address)
            {
                UserName = string.Empty,
                Password = string.Empty,
                Path = path.EndsWith(SignalPath, StringComparison.Ordinal) ? path : path + SignalPath,
            }.Uri,
            Headers = headers,
        };
    }

    private static List<KeyValuePair<string, string>> ReadHeaders(SectionValues section)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var part in section.Secret("otlp_headers")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var (name, value) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var before, var after] ? (before, Uri.UnescapeDataString(after)) : (string.Empty, string.Empty);
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(_nameCharacters) || value.Any(c => c is < ' ' or > '~')
                || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                section.Report(FindingRules.NotAChoice, "otlp_headers", "The value is not a list of headers. Write name=value, parted by commas, such as api-key=0123456789.");
                return [];
            }

            headers.Add(new(name, value));
        }

        return headers;
    }
}
