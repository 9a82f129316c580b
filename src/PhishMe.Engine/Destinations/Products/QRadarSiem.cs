using System.Buffers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// [integration_qradar_siem]: lines of JSON in the shape of reference tables (docs/products/qradar_siem.md), reference sets by the API
/// (docs/products/qradar.md), or CEF by syslog.
/// </summary>
internal sealed class QRadarSiem : IFeedProduct
{
    private readonly SectionSchema _schema = new()
    {
        Name = "integration_qradar_siem",
        Description = "QRadar: files with lines of JSON, or reference sets by the API.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Write the files, or fill the sets."),
            CheckConfig(),
            new() { Name = "json_output_dir", Kind = ValueKind.OutputFolder, Description = "Folder of the files. It is created if its parent folder exists." },
            Ours(Word("mode", "", ["file", "reference_data", "cef"],
                "How threats are delivered: file, reference_data for sets by the API, or cef for events by syslog. Empty: file, or reference_data if host_with_protocol has a value.")),
            Ours(Flag("append", "True", "Append as the original does. False: the files are rewritten from the store, sorted and unique.")),
            .. DeliveryKeys.Indicators(),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.Retention(),
            HostFiles.Key(),
            .. KeysOfOtherModes(),
        ],
    };

    public static QRadarSiem Product { get; } = new();

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public FeedDescription Feed { get; } = new()
    {
        Name = "qradar_siem",
        Product = "IBM QRadar",
        Description = "Lines of JSON that are bodies of a reference table's bulk load: hashes, URLs, IPv4 addresses and host names.",
    };

    public DeliverySettings Usual { get; } = new() { RetentionDays = 90 };

    public FeedSettings FeedAt(string path, DeliverySettings wanted, int? maximumRows) => Make(path, wanted, maximumRows ?? 0);

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse)
        {
            return [];
        }

        var mode = section.Word("mode");
        if (mode == "reference_data" || (mode.Length == 0 && section.Unchecked("host_with_protocol") is not null))
        {
            return QRadarReferenceSets.Read(section, settings.Delivery(section));
        }

        if (mode == "cef")
        {
            return [SyslogProduct.Events(new DestinationId("qradar_siem"), section, SyslogKeys.ReadProduct(section), settings.Delivery(section))];
        }

        if (section.OutputFolder("json_output_dir") is not string folder)
        {
            section.ReportMissing("json_output_dir", "Name the folder of the files.");
            return [];
        }

        var feed = Make(folder, settings.Delivery(section), 0);
        foreach (var path in feed.Paths)
        {
            settings.Claim(path, section, "json_output_dir");
        }

        return [section.Boolean("append") ? AppendedFeed.Of(section, feed) : FeedDestinations.Of(settings, section, feed)];
    }

    /// <summary>The keys of the API and of the collector; what both have is declared once.</summary>
    private static KeySchema[] KeysOfOtherModes()
    {
        var keys = QRadarReferenceSets.Keys();
        return
        [
            .. keys,
            .. SyslogKeys.OfProduct(framing: "rfc3164").ExceptBy(keys.Select(key => key.Name), key => key.Name)
                .Select(key => Ours(key) with { Description = $"{key.Description} Only for cef." }),
            SyslogProduct.CefSource() with { Description = "Who renders CEF: the API, or this program from JSON. Only for cef." },
        ];
    }

    private static FeedSettings Make(string folder, DeliverySettings wanted, int maximumRows)
    {
        return new FeedSettings
        {
            Name = "qradar_siem",
            Wanted = wanted,
            SaysImpact = true,
            Files =
            [
                // Rows of hashes have no impact, so what is benign is in none of them.
                Rows("MD5", IndicatorKind.Md5, FeedFile.AllRanks & ~FeedFile.RankOnly(Impact.None), HashRow),
                Rows("SHA256", IndicatorKind.Sha256, FeedFile.AllRanks & ~FeedFile.RankOnly(Impact.None), HashRow),
                Rows("URL", IndicatorKind.Url, FeedFile.AllRanks, RatedRow),
                Rows("IPv4", IndicatorKind.IPv4, FeedFile.AllRanks, RatedRow),
                Rows("Hostname", IndicatorKind.Domain, FeedFile.AllRanks, RatedRow),
            ],
        };

        FeedFile Rows(string name, IndicatorKind kind, int ranks, FeedRowFormat format) =>
            new() { Path = Path.Combine(folder, name + ".json"), Kinds = [kind], Ranks = ranks, Format = format, MaximumRows = maximumRows };
    }

    private static bool HashRow(FeedRow row, IBufferWriter<byte> output) => Row(row, output, isRated: false);

    private static bool RatedRow(FeedRow row, IBufferWriter<byte> output) => Row(row, output, isRated: true);

    /// <summary>The indicator is the key of the one object of the line; inner keys without a value are left out.</summary>
    private static bool Row(FeedRow row, IBufferWriter<byte> output, bool isRated)
    {
        output.Put("{"u8);
        FeedText.JsonString(output, row.Value);
        output.Put(":{\"Identifier\":"u8);
        output.Put(row.Threat.Number);
        output.Put(",\"Provider\":\"Cofense Intelligence\""u8);
        Text(output, ",\"Impact Rating\":"u8, isRated ? FeedText.Word(row.Impact) : default);
        Text(output, ",\"Brand\":"u8, row.Brands);
        Text(output, ",\"Malware Family\":"u8, row.Family);
        Text(output, ",\"Infrastructure Type\":"u8, row.Role);
        Number(output, ",\"First Seen Date\":"u8, row.First);
        Number(output, ",\"Last Seen Date\":"u8, row.Last);
        Text(output, ",\"Threat Details\":"u8, row.PortalUrl);
        Text(output, ",\"Active Threat Report\":"u8, row.ReportUrl);
        output.Put("}}\n"u8);
        return true;
    }

    private static void Text(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            output.Put(name);
            FeedText.JsonString(output, text);
        }
    }

    private static void Number(IBufferWriter<byte> output, ReadOnlySpan<byte> name, long? number)
    {
        if (number is long known)
        {
            output.Put(name);
            output.Put(known);
        }
    }
}
