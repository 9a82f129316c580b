using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Generation;

/// <summary>Reads and alters threats that came from outside.</summary>
internal static class DocumentEditor
{
    /// <summary>The API does not say how deep a document may be nested; what a person serves may be deep.</summary>
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1000 };

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the catalogue must know of a document; dates that it lacks become <paramref name="fallback"/>.</summary>
    public static ThreatRecord Describe(byte[] document, long fallback)
    {
        using var parsed = JsonDocument.Parse(document, Deep);
        var root = parsed.RootElement;
        var malware = root.GetProperty("threatType").GetString() == "MALWARE";
        var key = new ThreatKey(malware ? ThreatProduct.Malware : ThreatProduct.Phish, root.GetProperty("id").GetInt64());
        var first = Number(root, malware ? "firstPublished" : "firstDate");
        var last = Number(root, malware ? "lastPublished" : "lastDate");
        return new ThreatRecord(key, Index: -1, Revision: 0, first ?? last ?? fallback, last ?? first ?? fallback, document);
    }

    public static JsonObject Parse(byte[] document) => JsonNode.Parse(document, documentOptions: Deep)!.AsObject();

    public static byte[] Write(JsonObject document) => JsonSerializer.SerializeToUtf8Bytes(document, Compact);

    public static void SetLast(JsonObject document, ThreatKey key, long last) =>
        document[key.Product == ThreatProduct.Malware ? "lastPublished" : "lastDate"] = last;

    /// <summary>The first indicator goes, another one comes.</summary>
    public static void ChangeContent(JsonObject document, ThreatKey key, int revision)
    {
        var set = key.Product == ThreatProduct.Malware ? "blockSet" : "reportedURLs";
        if (document[set] is not JsonArray items)
        {
            items = [];
            document[set] = items;
        }

        if (items.Count > 0)
        {
            items.RemoveAt(0);
        }

        var host = string.Create(CultureInfo.InvariantCulture, $"revision-{revision}.changed.example");
        if (key.Product == ThreatProduct.Malware)
        {
            items.Add(new JsonObject
            {
                ["impact"] = "Major",
                ["confidence"] = 0,
                ["blockType"] = "Domain Name",
                ["role"] = "C2",
                ["roleDescription"] = "Command and control location used by malware",
                ["data"] = host,
                ["data_1"] = host,
            });
            return;
        }

        var url = $"https://{host}/";
        items.Add(url);
        if (document["reportedURLs_1"] is JsonArray objects)
        {
            if (objects.Count > 0)
            {
                objects.RemoveAt(0);
            }

            objects.Add(new JsonObject { ["url"] = url, ["domain"] = "changed.example", ["path"] = "/", ["protocol"] = "https", ["host"] = host });
        }
    }

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
