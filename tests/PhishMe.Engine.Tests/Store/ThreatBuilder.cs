using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Store;

/// <summary>Makes small threats by hand.</summary>
internal static class ThreatBuilder
{
    public static JsonObject Malware(long id, long lastPublished = 1_750_000_000_000) => new()
    {
        ["id"] = id,
        ["threatType"] = "MALWARE",
        ["label"] = $"Threat {id}",
        ["firstPublished"] = lastPublished - 1000,
        ["lastPublished"] = lastPublished,
        ["threatDetailURL"] = $"https://portal.example/p42/search/default?m={id}",
    };

    public static JsonObject Phish(long id, string url) => new()
    {
        ["id"] = id,
        ["threatType"] = "PHISH",
        ["title"] = $"Phish {id}",
        ["firstDate"] = 1_750_000_000_000,
        ["lastDate"] = 1_750_000_001_000,
        ["brands"] = new JsonArray(new JsonObject { ["id"] = 1, ["text"] = "Example Bank" }),
        ["phishingURL_1"] = new JsonObject { ["url"] = url },
    };

    public static JsonObject Block(this JsonObject threat, string type, string value, string? impact = "Major", string? role = "C2", string? family = null)
    {
        var block = new JsonObject { ["blockType"] = type, ["impact"] = impact, ["role"] = role };
        block["data_1"] = type == "URL" ? new JsonObject { ["url"] = value } : value;
        if (family is not null)
        {
            block["malwareFamily"] = new JsonObject { ["familyName"] = family };
        }

        return threat.With("blockSet", block);
    }

    public static JsonObject Domain(this JsonObject threat, string value, string? impact = "Major", string? role = "C2") => threat.Block("Domain Name", value, impact, role);

    public static JsonObject Url(this JsonObject threat, string value) => threat.Block("URL", value);

    public static JsonObject IPv4(this JsonObject threat, string value) => threat.Block("IPv4 Address", value);

    public static JsonObject File(this JsonObject threat, string md5, string name, string? subtype = null)
    {
        var file = new JsonObject { ["md5Hex"] = md5, ["fileName"] = name, ["type"] = "Attachment" };
        if (subtype is not null)
        {
            file["executableSubtype"] = new JsonObject { ["description"] = subtype };
        }

        return threat.With("executableSet", file);
    }

    public static JsonObject With(this JsonObject threat, string set, JsonObject item)
    {
        if (threat[set] is not JsonArray array)
        {
            threat[set] = array = [];
        }

        array.Add((JsonNode)item);
        return threat;
    }
}
