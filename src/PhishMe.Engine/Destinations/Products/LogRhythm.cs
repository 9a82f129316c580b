using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_logrhythm]: lists with one value on each line, by kind and impact (docs/products/logrhythm.md).</summary>
internal sealed class LogRhythm : IFeedProduct
{
    private const string DefaultFolder = "/tmp/phishme_intelligence_for_logrhythm";
    private const string Prefix = "phishme_intelligence_";

    private static readonly (string Name, IndicatorKind Kind)[] _kinds =
    [
        ("domainname", IndicatorKind.Domain), ("ipv4address", IndicatorKind.IPv4), ("url", IndicatorKind.Url), ("email", IndicatorKind.Email),
    ];

    private readonly SectionSchema _schema = new()
    {
        Name = "integration_logrhythm",
        Description = "LogRhythm: text lists.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Write the lists."),
            CheckConfig(),
            new() { Name = "output_dir", Kind = ValueKind.OutputFolder, Default = DefaultFolder, Description = "Folder of the lists. It is created if its parent folder exists." },
            Ours(new() { Name = "import_dir", Kind = ValueKind.OutputFolder,
                Description = "Folder from which LogRhythm imports lists and deletes them. A list that changed is moved there whole." }),
            Ours(Flag("append", "False", "Append as the original does: nothing is sorted, unique or removed.")),
            .. DeliveryKeys.Indicators(),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.Retention(),
            HostFiles.Key(),
            FeedDestinations.MaximumRows("0", "Lines of each list at most; 0 is all. Those of the highest impact and the newest stay."),
            .. LogRhythmLists.Keys(),
        ],
    };

    public static LogRhythm Product { get; } = new();

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public FeedDescription Feed { get; } = new()
    {
        Name = "logrhythm",
        Product = "LogRhythm SIEM",
        Description = "Text lists by kind and impact: domains, IPv4 addresses, URLs, e-mail addresses, MD5 and SHA-256 hashes.",
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

        if (section.Word("mode") == "rest")
        {
            return LogRhythmLists.Read(section, settings.Delivery(section));
        }

        if (section.OutputFolder("output_dir") is not string folder)
        {
            return [];
        }

        var feed = Make(folder, settings.Delivery(section), section.Integer("max_rows")) with { ImportFolder = section.OutputFolder("import_dir") };
        foreach (var path in feed.Paths)
        {
            settings.Claim(path, section, "output_dir");
        }

        return [section.Boolean("append") ? AppendedFeed.Of(section, feed) : FeedDestinations.Of(settings, section, feed)];
    }

    private static FeedSettings Make(string folder, DeliverySettings wanted, int maximumRows)
    {
        // A list of hashes does not say how bad each is, so what is benign is in none of them.
        var bad = FeedFile.AllRanks & ~FeedFile.RankOnly(Impact.None);
        return new FeedSettings
        {
            Name = "logrhythm",
            Wanted = wanted,
            SaysImpact = true,
            Files =
            [
                .. from kind in _kinds
                   from impact in Enum.GetValues<Impact>().Reverse()
                   select List($"{kind.Name}_{impact.ToString().ToLowerInvariant()}", kind.Kind, Ranks(impact)),
                List("md5", IndicatorKind.Md5, bad),
                List("sha256", IndicatorKind.Sha256, bad),
                .. wanted.IncludeCorollary ? (FeedFile[])[List("subjects_none", IndicatorKind.Subject, FeedFile.AllRanks)] : [],
            ],
        };

        FeedFile List(string name, IndicatorKind kind, int ranks) => new()
        {
            Path = Path.Combine(folder, $"{Prefix}{name}.txt"),
            Kinds = [kind],
            Ranks = ranks,
            Format = FeedText.Line,
            MaximumRows = maximumRows,
        };

        // What is not rated goes where it raises no alarm of its own.
        static int Ranks(Impact impact) => impact == Impact.None ? FeedFile.RankOnly(impact) | 1 : FeedFile.RankOnly(impact);
    }
}
