using System.Buffers;
using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_carbon_black]: the feed file of Carbon Black EDR, one report for each threat and impact (docs/products/carbon_black.md).</summary>
internal sealed class CarbonBlack : IFeedProduct
{
    private const string DefaultFile = "/tmp/phishme_intelligence_for_carbon_black.json";
    private const int LongestTag = 32;

    private static readonly Impact[] _impacts = [Impact.Major, Impact.Moderate, Impact.Minor, Impact.None];

    private readonly SectionSchema _schema = new()
    {
        Name = "integration_carbon_black",
        Description = "Carbon Black EDR: a feed file.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Write the feed."),
            CheckConfig(),
            Flag("ssl_verify", "True", "Verify the certificate of the server. Only for register_feed."),
            Url("host_with_protocol", "", "Address of the server, such as https://cb.example. Only for register_feed.") with { MayBeEmpty = true },
            Secret("api_token", "API token of an administrator. Only for register_feed.") with { MayBeEmpty = true },
            Text("feed_name", "Name of the feed: letters and digits.") with { Default = "PhishMeIntelligence" },
            Ignored(Text("feed_id", "No effect, as in the original: the feed is found by its name.")),
            Ignored(Text("sqlite_location", "No effect: the feed is made from the store.")),
            Number("sqlite_data_retention_days", "30", 1, 365, "Days after its last publication for which a threat stays in the feed."),
            new() { Name = "cb_feed", Kind = ValueKind.OutputFile, Description = $"The feed. Empty: {DefaultFile}." },
            Number("impact_major", "100", 0, 100, "Score of major. Not written: score_major of [integration_defaults]."),
            Number("impact_moderate", "75", 0, 100, "Score of moderate. Not written: score_moderate of [integration_defaults]."),
            Number("impact_minor", "35", 0, 100, "Score of minor. Not written: score_minor of [integration_defaults]."),
            Number("impact_none", "0", 0, 100, "Score of none, which is also what the vendor calls benign. Not written: score_none of [integration_defaults]."),
            Flag("excluded_md5_use", "True", "Leave out the MD5 hashes of excluded_md5."),
            new() { Name = "excluded_md5", Kind = ValueKind.List, Default = "[]", MayBeEmpty = true, Description = "MD5 hashes, as a JSON array or a list." },
            Ours(Flag("include_sha256", "False", "Also SHA-256 hashes. The server needs version 7.0 or later.")),
            Ours(Flag("dns_from_url", "False", "Also the hosts of URLs. The feed cannot hold the URLs themselves.")),
            Ours(Flag("register_feed", "False", "Register the feed on the server, and have the server read it when it changed.")),
            Ours(Text("feed_url", "Address under which the server reads the feed: https:// or file://. Empty: file:// with the path of cb_feed.")),
            Ours(Flag("full_sync_on_retract", "True", "Have the server forget what left the feed. Only for register_feed.")),
            .. HttpKeys.Calls(),
            .. DeliveryKeys.Indicators(),
            .. DeliveryKeys.Threats(),
            HostFiles.Key(),
        ],
    };

    public static CarbonBlack Product { get; } = new();

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public FeedDescription Feed { get; } = new()
    {
        Name = "carbon_black",
        Product = "Carbon Black EDR",
        Description = "A feed file with one report for each threat and impact: domains, IPv4 addresses and MD5 hashes.",
        IsFile = true,
    };

    public DeliverySettings Usual { get; } = new() { RetentionDays = 30 };

    public FeedSettings FeedAt(string path, DeliverySettings wanted, int? maximumRows) => Make(path, wanted, new Options());

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse)
        {
            return [];
        }

        var path = section.OutputFile("cb_feed", DefaultFile)!;
        settings.Claim(path, section, "cb_feed");
        var name = section.Text("feed_name") ?? string.Empty;
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
        {
            section.Report(FindingRules.NotAChoice, "feed_name", "Carbon Black takes letters and digits only. Remove everything else.");
        }

        var wanted = settings.Delivery(section) with { RetentionDays = section.Integer("sqlite_data_retention_days") };
        var feed = Make(path, wanted, new Options
        {
            Name = name,
            Scores = new ScoreTable
            {
                Major = Score("impact_major", wanted.Scores.Major),
                Moderate = Score("impact_moderate", wanted.Scores.Moderate),
                Minor = Score("impact_minor", wanted.Scores.Minor),
                None = Score("impact_none", wanted.Scores.None),
            },
            ExcludedMd5 = section.Boolean("excluded_md5_use") ? ReadExcluded(section) : [],
            IncludeSha256 = section.Boolean("include_sha256"),
            DnsFromUrl = section.Boolean("dns_from_url"),
        });
        return [FeedDestinations.Of(settings, section, section.Boolean("register_feed") ? Registered(section, feed, name, path) : feed)];

        // The original's own keys win where a person wrote them.
        int Score(string key, int common) => section.Unchecked(key) is null ? common : section.Integer(key);
    }

    private static FeedSettings Registered(SectionValues section, FeedSettings feed, string name, string path)
    {
        var token = section.RequiredSecret("api_token", "Copy it from the profile of an administrator in Carbon Black.");
        if (HttpKeys.Read(section, "api_token") is not HttpTargetSettings target || token.Length == 0)
        {
            return feed;
        }

        var registration = new CarbonBlackRegistration(name, section.Text("feed_url") ?? new Uri(path).AbsoluteUri, section.Boolean("full_sync_on_retract"));
        return feed with
        {
            Details = $"{feed.Details} {target.Address} {registration.Address}",
            Subscriber = host => new CarbonBlackServer(target, registration, token, host),
        };
    }

    private static KeySchema Ignored(KeySchema key) => key with { IsIgnored = true };

    private static HashSet<string> ReadExcluded(SectionValues section)
    {
        var excluded = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in section.List("excluded_md5").Select(item => item.Trim('[', ']', '"', '\'')).Where(item => item.Length > 0))
        {
            if (item.Length == 32 && item.All(char.IsAsciiHexDigit))
            {
                excluded.Add(item);
            }
            else
            {
                section.Report(FindingRules.EntryWithoutEffect, "excluded_md5", $"'{VisibleText.Of(item)}' is not an MD5 hash. Write 32 hexadecimal digits.");
            }
        }

        return excluded;
    }

    private static FeedSettings Make(string path, DeliverySettings wanted, Options options) => new()
    {
        Name = "carbon_black",
        Wanted = wanted,
        SaysImpact = true,
        ReportKinds =
        [
            IndicatorKind.Domain, IndicatorKind.IPv4, IndicatorKind.Md5,
            .. options.IncludeSha256 ? (IndicatorKind[])[IndicatorKind.Sha256] : [],
            .. options.DnsFromUrl ? (IndicatorKind[])[IndicatorKind.Url] : [],
        ],
        Reports = new FeedReports
        {
            Path = path,
            Header = Header(options.Name),
            Separator = ",\n"u8.ToArray(),
            Footer = "\n]}\n"u8.ToArray(),
            Takes = record => CarbonBlackValue.Of(record.Kind, record.Value) is not null,
            Compose = threat => Compose(threat, options),
        },
        Details = string.Join(
            ' ',
            [
                options.Name, options.Scores.ToString(), string.Join(',', options.ExcludedMd5.Order(StringComparer.Ordinal)), options.IncludeSha256.ToString(),
                options.DnsFromUrl.ToString(),
            ]),
    };

    private static ReadOnlyMemory<byte> Header(string name)
    {
        var output = new ArrayBufferWriter<byte>(512);
        output.Write("{\"feedinfo\":"u8);
        using (var json = new Utf8JsonWriter(output, FeedText.Json))
        {
            json.WriteStartObject();
            json.WriteString("category"u8, "Connectors"u8);
            json.WriteString("display_name"u8, "PhishMe Intelligence"u8);
            json.WriteString("name"u8, name);
            json.WriteString("provider_url"u8, "https://www.threathq.com"u8);
            json.WriteString("summary"u8, "Indicators of phishing campaigns and of the malware that they deliver."u8);
            json.WriteString("tech_data"u8, "A subscription to the intelligence service is required. The score of a report follows from the impact of its indicators."u8);
            json.WriteEndObject();
        }

        output.Write(",\"reports\":[\n"u8);
        return output.WrittenMemory;
    }

    private static IEnumerable<(string Id, ReadOnlyMemory<byte> Report)> Compose(FeedThreat threat, Options options)
    {
        foreach (var impact in _impacts)
        {
            var values = new ReportValues();
            foreach ((var record, var itsImpact) in threat.Records)
            {
                if ((itsImpact ?? Impact.None) == impact)
                {
                    values.Add(CarbonBlackValue.Of(record.Kind, record.Value)!, options.ExcludedMd5);
                    values.Families.UnionWith(new[] { record.Family ?? record.DeliveryMechanism }.OfType<string>());
                    values.Roles.UnionWith(new[] { record.Role }.OfType<string>());
                }
            }

            if (!values.IsEmpty)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{FeedText.Number(threat.Threat.Id)}_{impact}");
                yield return (id, Report(id, threat, impact, values, options));
            }
        }
    }

    private static ReadOnlyMemory<byte> Report(string id, FeedThreat threat, Impact impact, ReportValues values, Options options)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, FeedText.Json);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteStartObject("iocs"u8);
        Array(json, "dns"u8, values.Dns);
        Array(json, "ipv4"u8, values.IPv4);
        Array(json, "md5"u8, values.Md5);
        Array(json, "sha256"u8, values.Sha256);
        json.WriteEndObject();
        json.WriteString("link"u8, (threat.Threat.HasReport ? threat.Threat.ReportUri : null) ?? threat.Threat.ThreatDetailUri ?? "https://www.threathq.com");
        json.WriteNumber("score"u8, options.Scores.Of(impact));
        Array(json, "tags"u8, new SortedSet<string>(values.Families.Concat(values.Roles).Select(Tag).Where(tag => tag.Length > 0), StringComparer.Ordinal));
        json.WriteNumber("timestamp"u8, Math.Max(threat.Last, 0) / 1000);
        json.WriteString("title"u8, ControlCharacters.Replace(Title(threat.Threat.Id, impact, values.Families), keepsLines: false));
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static string Title(ThreatId id, Impact impact, SortedSet<string> families) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(id.Type == ThreatType.Phish ? "Phish" : "Threat ID")} {id.Number}, impact {impact}{(families.Count > 0 ? ", " + string.Join(", ", families) : string.Empty)}");

    private static string Tag(string text)
    {
        var tag = new string([.. text.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)]);
        return tag.Length <= LongestTag ? tag : tag[..LongestTag];
    }

    private static void Array(Utf8JsonWriter json, ReadOnlySpan<byte> name, SortedSet<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>What the section says about the content of a report.</summary>
    private sealed record Options
    {
        public string Name { get; init; } = "PhishMeIntelligence";

        public ScoreTable Scores { get; init; } = ScoreTable.Usual;

        public HashSet<string> ExcludedMd5 { get; init; } = [];

        public bool IncludeSha256 { get; init; }

        public bool DnsFromUrl { get; init; }
    }

    /// <summary>The values of one report.</summary>
    private sealed class ReportValues
    {
        public SortedSet<string> Dns { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> IPv4 { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Md5 { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Sha256 { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Families { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Roles { get; } = new(StringComparer.Ordinal);

        public bool IsEmpty => Dns.Count + IPv4.Count + Md5.Count + Sha256.Count == 0;

        public void Add(CarbonBlackValue added, HashSet<string> excludedMd5)
        {
            var (kind, value) = added;
            switch (kind)
            {
                case IndicatorKind.Domain:
                    Dns.Add(value);
                    break;
                case IndicatorKind.IPv4:
                    IPv4.Add(value);
                    break;
                case IndicatorKind.Md5 when !excludedMd5.Contains(value):
                    Md5.Add(value);
                    break;
                case IndicatorKind.Sha256:
                    Sha256.Add(value);
                    break;
            }
        }
    }
}
