using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>Small documents of the API whose every indicator is known to the test.</summary>
internal static class ThreatDocuments
{
    public const string Md5 = "6f66b67a97dc3f2661dab3eacd13f9b9";
    public const string Sha1 = "1422eac0a5bc885fcd8b0a0fee3143dc48d49667";
    public const string Sha256 = "5a6c18ce27140f38e8b468d4d7a1a9473080a63107af83b7b1c065fede01aef6";

    /// <summary>A malware threat with an entry for each value; what a value is follows from its form.</summary>
    public static JsonObject Malware(long id, string label, params IEnumerable<string> values) => new()
    {
        ["id"] = id,
        ["threatType"] = "MALWARE",
        ["label"] = label,
        ["executiveSummary"] = $"About {label}",
        ["firstPublished"] = Published,
        ["lastPublished"] = Published,
        ["hasReport"] = false,
        ["threatDetailURL"] = $"https://www.threathq.com/p42/search/default?m={id}",
        ["malwareFamilySet"] = new JsonArray(new JsonObject { ["familyName"] = "Sample", ["description"] = "Invented family" }),
        ["blockSet"] = new JsonArray([.. values.Select(value => (JsonNode)Entry(value))]),
        ["executableSet"] = new JsonArray(),
    };

    /// <summary>The same threat with the file whose hashes are the constants.</summary>
    public static JsonObject WithFile(this JsonObject malware, string fileName = "invoice.docm")
    {
        malware["executableSet"]!.AsArray().Add((JsonNode)new JsonObject
        {
            ["fileName"] = fileName,
            ["type"] = "Attachment",
            ["severityLevel"] = "Major",
            ["md5Hex"] = Md5,
            ["sha1Hex"] = Sha1,
            ["sha256Hex"] = Sha256,
            ["malwareFamily"] = new JsonObject { ["familyName"] = "Sample", ["description"] = "Invented family" },
        });
        return malware;
    }

    /// <summary>Lowers the impact of an entry.</summary>
    public static JsonObject Lowered(this JsonObject malware, string value)
    {
        malware["blockSet"]!.AsArray().Single(entry => (string?)entry!["data"] == value)!["impact"] = "Minor";
        return malware;
    }

    /// <summary>A phishing page on a host that is its own registered domain.</summary>
    public static JsonObject Phish(long id, string host, string title) => new()
    {
        ["id"] = id,
        ["threatType"] = "PHISH",
        ["title"] = title,
        ["firstDate"] = Published,
        ["lastDate"] = Published,
        ["confirmedDate"] = Published,
        ["phishingURL"] = $"http://{host}/index.html",
        ["phishingURL_1"] = new JsonObject
        {
            ["url"] = $"http://{host}/index.html",
            ["domain"] = host,
            ["path"] = "/index.html",
            ["protocol"] = "http",
            ["host"] = host,
        },
    };

    /// <summary>Moves the date of the latest publication.</summary>
    public static JsonObject At(this JsonObject document, DateTimeOffset last)
    {
        document[(string?)document["threatType"] == "PHISH" ? "lastDate" : "lastPublished"] = last.ToUnixTimeMilliseconds();
        return document;
    }

    /// <summary>A day before now, so that nothing is over yet.</summary>
    private static long Published => DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds();

    private static JsonObject Entry(string value)
    {
        var kind = value.Contains("://", StringComparison.Ordinal) ? "URL" : value.Contains('@', StringComparison.Ordinal) ? "Email" : char.IsAsciiDigit(value[0]) ? "IPv4 Address" : "Domain Name";
        return new JsonObject
        {
            ["impact"] = "Major",
            ["confidence"] = 0,
            ["blockType"] = kind,
            ["role"] = "C2",
            ["roleDescription"] = "Command and control location used by malware",
            ["malwareFamily"] = new JsonObject { ["familyName"] = "Sample", ["description"] = "Invented family" },
            ["data"] = value,
            ["data_1"] = kind == "URL" ? new JsonObject { ["url"] = value, ["host"] = new Uri(value).Host, ["protocol"] = "http" } : value,
        };
    }
}
