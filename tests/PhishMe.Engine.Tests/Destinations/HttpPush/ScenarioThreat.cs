using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>A threat whose indicators are known by name, so that what a product holds can be counted.</summary>
internal sealed record ScenarioThreat
{
    /// <summary>A day before now: nothing is over yet.</summary>
    public static readonly long Published = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(-1), TimeSpan.Zero).ToUnixTimeMilliseconds();

    public required long Number { get; init; }

    public bool IsPhish { get; init; }

    public string Label { get; init; } = "Invoice - Loader";

    public string Subject { get; init; } = "Your invoice";

    public string FileName { get; init; } = "invoice.exe";

    /// <summary>Of a malware threat: Major, role C2.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Of a malware threat: Minor, role C2.</summary>
    public IReadOnlyList<string> LesserDomains { get; init; } = [];

    /// <summary>Of a malware threat: Major, role C2.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Of a malware threat: Major, role Payload. Of a phish the page, one at most.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>MD5 of the files of a malware threat.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    /// <summary>Minutes after the first publication.</summary>
    public int Revision { get; init; }

    /// <summary>Days between the first publication and <see cref="Published"/>.</summary>
    public int Age { get; init; }

    private long PublishedAt => Published - (Age * 86_400_000L);

    public string Id => $"{(IsPhish ? 'p' : 'm')}_{Number}";

    public JsonObject Json() => IsPhish ? Phish() : Malware();

    private JsonObject Malware() => new()
    {
        ["id"] = Number,
        ["threatType"] = "MALWARE",
        ["label"] = Label,
        ["executiveSummary"] = $"Summary of {Label}",
        ["firstPublished"] = PublishedAt,
        ["lastPublished"] = PublishedAt + (Revision * 60_000L),
        ["hasReport"] = false,
        ["threatDetailURL"] = $"https://www.threathq.com/p42/search/default?m={Number}",
        ["campaignBrandSet"] = new JsonArray(),
        ["domainSet"] = new JsonArray(),
        ["senderEmailSet"] = new JsonArray(),
        ["senderIpSet"] = new JsonArray(),
        ["spamUrlSet"] = new JsonArray(),
        ["subjectSet"] = new JsonArray(new JsonObject { ["subject"] = Subject, ["totalCount"] = 1 }),
        ["blockSet"] = new JsonArray(
        [
            .. Domains.Select(value => Block("Domain Name", value, "C2")),
            .. LesserDomains.Select(value => Block("Domain Name", value, "C2", "Minor")),
            .. Addresses.Select(value => Block("IPv4 Address", value, "C2")),
            .. Urls.Select(value => Block("URL", value, "Payload")),
        ]),
        ["executableSet"] = new JsonArray(
        [
            .. Hashes.Select(hash => (JsonNode)new JsonObject
            {
                ["fileName"] = FileName,
                ["md5Hex"] = hash,
                ["type"] = "Attachment",
                ["severityLevel"] = "Major",
                ["malwareFamily"] = new JsonObject { ["familyName"] = "Loader", ["description"] = "Loads." },
            }),
        ]),
    };

    private JsonObject Phish() => new()
    {
        ["id"] = Number,
        ["threatType"] = "PHISH",
        ["title"] = Label,
        ["firstDate"] = PublishedAt,
        ["lastDate"] = PublishedAt + (Revision * 60_000L),
        ["confirmedDate"] = PublishedAt,
        ["brands"] = new JsonArray(),
        ["reportedURLs_1"] = new JsonArray(),
        ["actionURLs_1"] = new JsonArray(),
        ["webComponents"] = new JsonArray(),
        ["kits"] = new JsonArray(),
        ["phishingURL_1"] = Url(Urls[0]),
        ["threatDetailURL"] = $"https://www.threathq.com/p42/search/default?p={Number}",
    };

    private static JsonNode Block(string type, string value, string role, string impact = "Major") => new JsonObject
    {
        ["blockType"] = type,
        ["impact"] = impact,
        ["role"] = role,
        ["roleDescription"] = role,
        ["confidence"] = 0,
        ["data"] = value,
        ["data_1"] = type == "URL" ? Url(value) : value,
        ["malwareFamily"] = new JsonObject { ["familyName"] = "Loader", ["description"] = "Loads." },
    };

    private static JsonObject Url(string value)
    {
        var uri = new Uri(value);
        return new JsonObject
        {
            ["url"] = value,
            ["domain"] = uri.Host,
            ["host"] = uri.Host,
            ["path"] = uri.AbsolutePath,
            ["query"] = uri.Query.TrimStart('?'),
            ["protocol"] = uri.Scheme,
        };
    }
}
