using System.Buffers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_centripetal_networks]: CSV by kind, and by kind and impact (docs/products/centripetal_networks.md).</summary>
internal sealed class CentripetalNetworks : IFeedProduct
{
    private static readonly byte[] _header = "indicator,type,impact,score,role,family,threat_id,first_published,last_published,report_url\n"u8.ToArray();

    private static readonly IndicatorKind[] _usualKinds = [IndicatorKind.IPv4, IndicatorKind.Domain, IndicatorKind.Url];

    private readonly SectionSchema _schema = new()
    {
        Name = "integration_centripetal_networks",
        Description = "Centripetal: CSV or text files by kind.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Write the files.")),
            Ours(new() { Name = "output_dir", Kind = ValueKind.OutputFolder, Default = "centripetal", Description = "Folder of the files. It is created if its parent folder exists." }),
            Ours(new() { Name = "formats", Kind = ValueKind.List, Default = "csv", MayBeEmpty = true, Description = "csv, txt or both." }),
            Ours(new() { Name = "kinds", Kind = ValueKind.List, Default = "ipv4,domain,url", MayBeEmpty = true,
                Description = "Kinds of indicators: ipv4, ipv6, domain, url, email, md5, sha1, sha256." }),
            Ours(Flag("split_by_impact", "True", "Also one file for each kind and impact.")),
            .. DeliveryKeys.Indicators("moderate"),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.Retention(),
            HostFiles.Key(),
            .. ScoreKeys.OfProduct(),
            FeedDestinations.MaximumRows("0", "Rows of each file at most; 0 is all. Those of the highest impact and the newest stay."),
        ],
    };

    public static CentripetalNetworks Product { get; } = new();

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public FeedDescription Feed { get; } = new()
    {
        Name = "centripetal_networks",
        Product = "Centripetal",
        Description = "CSV files by kind, and by kind and impact: addresses, domains and URLs with impact, score, role, family and dates.",
    };

    public DeliverySettings Usual { get; } = new() { MinimumImpact = Impact.Moderate, RetentionDays = 90 };

    public FeedSettings FeedAt(string path, DeliverySettings wanted, int? maximumRows) => Make(path, wanted, ["csv"], _usualKinds, isSplit: true, maximumRows ?? 0);

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || section.OutputFolder("output_dir") is not string folder)
        {
            return [];
        }

        var kinds = FeedText.Kinds(
            section.ListOrDefault("kinds"),
            word => section.Report(FindingRules.NotAChoice, "kinds", $"'{VisibleText.Of(word)}' is not a kind of indicator. Write ipv4, ipv6, domain, url, email, md5, sha1 or sha256."));
        var feed = Make(
            folder, settings.Delivery(section), FeedFormats.Read(section), kinds, section.Boolean("split_by_impact"), section.Integer("max_rows"));
        foreach (var path in feed.Paths)
        {
            settings.Claim(path, section, "output_dir");
        }

        return [FeedDestinations.Of(settings, section, feed)];
    }

    private static FeedSettings Make(
        string folder, DeliverySettings wanted, IReadOnlyList<string> formats, IReadOnlyList<IndicatorKind> kinds, bool isSplit, int maximumRows)
    {
        var files = new List<FeedFile>();
        FeedRowFormat rowOfCsv = (row, output) => Row(row, output, wanted.Scores);
        foreach (var group in kinds.GroupBy(NameOf))
        {
            foreach (var format in formats)
            {
                Add(group.Key, format, [.. group], FeedFile.AllRanks);
                foreach (var impact in isSplit ? Impacts(wanted.MinimumImpact) : [])
                {
                    Add($"{group.Key}_{impact.ToString().ToLowerInvariant()}", format, [.. group], FeedFile.RankOnly(impact));
                }
            }
        }

        return new FeedSettings { Name = "centripetal_networks", Wanted = wanted, Files = files, Details = wanted.Scores.ToString() };

        void Add(string name, string format, IndicatorKind[] its, int ranks) => files.Add(new FeedFile
        {
            Path = Path.Combine(folder, $"{name}.{format}"),
            Kinds = its,
            Ranks = ranks,
            Header = format == "csv" ? _header : default(ReadOnlyMemory<byte>),
            Format = format == "csv" ? rowOfCsv : FeedText.Line,
            MaximumRows = maximumRows,
        });
    }

    private static string NameOf(IndicatorKind kind) => kind is IndicatorKind.IPv4 or IndicatorKind.IPv6 ? "ip" : IndicatorKinds.Of(kind).Word;

    private static IEnumerable<Impact> Impacts(Impact? least) =>
        Enum.GetValues<Impact>().Where(impact => impact != Impact.None && (least is not Impact lowest || impact >= lowest)).Reverse();

    private static bool Row(FeedRow row, IBufferWriter<byte> output, ScoreTable scores)
    {
        FeedText.FirstCell(output, row.Value);
        FeedText.Word(output, IndicatorKinds.Of(row.Kind).Word);
        FeedText.Cell(output, FeedText.Word(row.Impact));
        FeedText.Cell(output, scores.Of(row.Impact));
        FeedText.WordCell(output, row.Role);
        FeedText.WordCell(output, row.Family);
        FeedText.Cell(output, row.Threat);
        FeedText.TimeCell(output, row.First);
        FeedText.TimeCell(output, row.Last);
        FeedText.Cell(output, row.ReportUrl.IsEmpty ? row.PortalUrl : row.ReportUrl);
        output.Put("\n"u8);
        return true;
    }
}
