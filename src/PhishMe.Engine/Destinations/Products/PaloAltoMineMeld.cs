using System.Buffers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// [integration_paloalto_minemeld]: one CSV for MineMeld, and text lists that are external dynamic lists of PAN-OS as well
/// (docs/products/paloalto_minemeld.md).
/// </summary>
internal sealed class PaloAltoMineMeld : IFeedProduct
{
    /// <summary>PAN-OS ignores longer entries.</summary>
    private const int LongestEntry = 255;

    /// <summary>What the smaller models hold.</summary>
    private const int UsualRows = 50_000;

    private static readonly byte[] _header =
        "indicator,type,confidence,share_level,phishme_impact,phishme_role,malware_family,threat_id,first_seen,last_seen\n"u8.ToArray();

    private readonly SectionSchema _schema = new()
    {
        Name = "integration_paloalto_minemeld",
        Description = "Palo Alto MineMeld, and external dynamic lists (EDL) of PAN-OS.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Write the files.")),
            Ours(new() { Name = "output_dir", Kind = ValueKind.OutputFolder, Default = "minemeld", Description = "Folder of the files. It is created if its parent folder exists." }),
            Ours(new() { Name = "formats", Kind = ValueKind.List, Default = "csv,txt", MayBeEmpty = true,
                Description = "csv: indicators.csv for MineMeld. txt: ip.txt, domain.txt and url.txt for MineMeld and PAN-OS." }),
            Ours(Flag("edl_url_strip_scheme", "True", "Leave out http:// and https:// in url.txt, as PAN-OS wants it.")),
            .. DeliveryKeys.Indicators("moderate"),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.Retention(),
            HostFiles.Key(),
            .. ScoreKeys.OfProduct(),
            FeedDestinations.MaximumRows(
                "50000", "Lines of each text list at most, as many as the model of firewall takes; 0 is all. Those of the highest impact and the newest stay."),
            .. MineMeldNode.Keys(),
        ],
    };

    public static PaloAltoMineMeld Product { get; } = new();

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public FeedDescription Feed { get; } = new()
    {
        Name = "paloalto_minemeld",
        Product = "Palo Alto MineMeld and PAN-OS EDL",
        Description = "One CSV file of all kinds, and the lists of addresses, domains and URLs that PAN-OS takes as external dynamic lists.",
    };

    public DeliverySettings Usual { get; } = new() { MinimumImpact = Impact.Moderate, RetentionDays = 90 };

    public FeedSettings FeedAt(string path, DeliverySettings wanted, int? maximumRows) =>
        Make(path, wanted, ["csv", "txt"], stripsScheme: true, maximumRows ?? UsualRows);

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse)
        {
            return [];
        }

        if (section.Word("mode") == "localdb")
        {
            return MineMeldNode.Read(section, settings.Delivery(section));
        }

        if (section.OutputFolder("output_dir") is not string folder)
        {
            return [];
        }

        var feed = Make(folder, settings.Delivery(section), FeedFormats.Read(section), section.Boolean("edl_url_strip_scheme"), section.Integer("max_rows"));
        foreach (var path in feed.Paths)
        {
            settings.Claim(path, section, "output_dir");
        }

        return [FeedDestinations.Of(settings, section, feed)];
    }

    private static FeedSettings Make(string folder, DeliverySettings wanted, IReadOnlyList<string> formats, bool stripsScheme, int maximumRows)
    {
        return new FeedSettings
        {
            Name = "paloalto_minemeld",
            Wanted = wanted,
            Details = $"{stripsScheme} {wanted.Scores}",
            Files =
            [
                .. formats.Contains("csv") ? (FeedFile[])[Table()] : [],
                .. formats.Contains("txt")
                    ? (FeedFile[])
                    [
                        List("ip.txt", [IndicatorKind.IPv4, IndicatorKind.IPv6], Entry),
                        List("domain.txt", [IndicatorKind.Domain], Entry),
                        List("url.txt", [IndicatorKind.Url], stripsScheme ? UrlEntry : Entry) with { MayRepeat = stripsScheme },
                    ]
                    : [],
            ],
        };

        FeedFile Table() => new()
        {
            Path = Path.Combine(folder, "indicators.csv"),
            Kinds =
            [
                IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5, IndicatorKind.Sha1,
                IndicatorKind.Sha256,
            ],
            Header = _header,
            Format = (row, output) => Row(row, output, wanted.Scores),
        };

        // Whoever ignores what is beyond his capacity ignores the least.
        FeedFile List(string name, IndicatorKind[] kinds, FeedRowFormat format) =>
            new() { Path = Path.Combine(folder, name), Kinds = kinds, Format = format, IsBestFirst = true, MaximumRows = maximumRows };
    }

    private static bool Row(FeedRow row, IBufferWriter<byte> output, ScoreTable scores)
    {
        FeedText.FirstCell(output, row.Value);
        FeedText.Cell(output, TypeOf(row.Kind));
        FeedText.Cell(output, row.Confidence ?? scores.Of(row.Impact));
        FeedText.Cell(output, "yellow"u8);
        FeedText.Cell(output, FeedText.Word(row.Impact));
        FeedText.WordCell(output, row.Role);
        FeedText.WordCell(output, row.Family);
        FeedText.Cell(output, row.Threat);
        FeedText.TimeCell(output, row.First);
        FeedText.TimeCell(output, row.Last);
        output.Put("\n"u8);
        return true;
    }

    /// <summary>The names of MineMeld's types.</summary>
    public static ReadOnlySpan<byte> TypeOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 => "IPv4"u8,
        IndicatorKind.IPv6 => "IPv6"u8,
        IndicatorKind.Domain => "domain"u8,
        IndicatorKind.Url => "URL"u8,
        IndicatorKind.Email => "email-addr"u8,
        IndicatorKind.Md5 => "md5"u8,
        IndicatorKind.Sha1 => "sha1"u8,
        IndicatorKind.Sha256 => "sha256"u8,
        _ => default,
    };

    private static bool Entry(FeedRow row, IBufferWriter<byte> output) => row.Value.Length <= LongestEntry && FeedText.Line(row, output);

    /// <summary>
    /// Without the scheme and the fragment, which a firewall never sees. A host alone ends with a slash: without it PAN-OS reads it as "and anything that
    /// begins like that". A blank would end the entry.
    /// </summary>
    private static bool UrlEntry(FeedRow row, IBufferWriter<byte> output)
    {
        var url = row.Value;
        if (url.IndexOf("://"u8) is var mark and >= 0)
        {
            url = url[(mark + 3)..];
        }

        if (url.IndexOf((byte)'#') is var fragment and >= 0)
        {
            url = url[..fragment];
        }

        var path = url.IndexOfAny((byte)'/', (byte)'?');
        var host = path < 0 ? url : url[..path];
        var rest = path < 0 ? default : url[path..];
        var length = host.Length + rest.Length + (rest is [(byte)'/', ..] ? 0 : 1) + (2 * rest.Count((byte)' '));
        if (host.IsEmpty || host.Contains((byte)' ') || length > LongestEntry)
        {
            return false;
        }

        output.Put(host);
        if (rest is not [(byte)'/', ..])
        {
            output.Put("/"u8);
        }

        for (var blank = rest.IndexOf((byte)' '); blank >= 0; blank = rest.IndexOf((byte)' '))
        {
            output.Put(rest[..blank]);
            output.Put("%20"u8);
            rest = rest[(blank + 1)..];
        }

        output.Put(rest);
        output.Put("\n"u8);
        return true;
    }
}
