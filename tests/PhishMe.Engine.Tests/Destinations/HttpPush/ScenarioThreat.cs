using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>A threat whose indicators are known by name, so that what a product holds can be counted.</summary>
internal sealed record ScenarioThreat
{
    private const long Published = 1_767_225_600_000; // 2026-01-01

    public required long Number { get; init; }

    public bool IsPhish { get; init; }

    public string Label { get; init; } = "Invoice - Loader";

    public string Subject { get; init; } = "Your invoice";

    public string FileName { get; init; } = "invoice.exe";

    /// <summary>Of a malware threat: Major, role C2.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Of a malware threat: Major, role C2.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Of a malware threat: Major, role Payload. Of a phish the page, one at most.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>MD5 of the files of a malware threat.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    /// <summary>Minutes after the first publication.</summary>
    public int Revision { get; init; }

    public string Id => $"{(IsPhish ? 'p' : 'm')}_{Number}";

    public JsonObject Json() => IsPhish ? Phish() : Malware();

    private JsonObject Malware() => new()
    {
        ["id"] = Number,
        ["threatType"] = "MALWARE",
        ["label"] = Label,
        ["executiveSummary"] = $"Summary of {Label}",
        ["firstPublished"] = Published,
        ["lastPublished"] = Published + (Revision * 60_000L),
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
        ["firstDate"] = Published,
        ["lastDate"] = Published + (Revision * 60_000L),
        ["confirmedDate"] = Published,
        ["brands"] = new JsonArray(),
        ["reportedURLs_1"] = new JsonArray(),
        ["actionURLs_1"] = new JsonArray(),
        ["webComponents"] = new JsonArray(),
        ["kits"] = new JsonArray(),
        ["phishingURL_1"] = Url(Urls[0]),
        ["threatDetailURL"] = $"https://www.threathq.com/p42/search/default?p={Number}",
    };

    private static JsonNode Block(string type, string value, string role) => new JsonObject
    {
        ["blockType"] = type,
        ["impact"] = "Major",
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
