using System.Globalization;
using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>Reads a feed folder as MISP does: an event when its timestamp in the manifest is newer, of an event the attributes that are newer, and nothing goes by itself.</summary>
internal sealed class MispFeedReader(string folder)
{
    private readonly Dictionary<string, JsonObject> _events = [];

    public JsonObject Manifest { get; private set; } = [];

    public IEnumerable<JsonObject> Events => _events.Values;

    /// <summary>The values of attributes that are not deleted.</summary>
    public IEnumerable<string> Values => _events.Values.SelectMany(item => item["Attribute"]!.AsArray())
        .Where(attribute => (bool?)attribute!["deleted"] != true).Select(attribute => (string)attribute!["value"]!);

    /// <returns>Events that were new or newer.</returns>
    public int Poll()
    {
        Manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!.AsObject();
        var taken = 0;
        foreach (var (uuid, entry) in Manifest)
        {
            var stamp = Stamp(entry!);
            Assert.All((string[])["Orgc", "Tag", "info", "date", "analysis", "threat_level_id"], name => Assert.NotNull(entry![name]));
            if (_events.TryGetValue(uuid, out var known) && Stamp(known) >= stamp)
            {
                continue;
            }

            var fetched = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"{uuid}.json")))!["Event"]!.AsObject();
            Assert.Equal(uuid, (string?)fetched["uuid"]);
            Assert.Equal(stamp, Stamp(fetched));
            Assert.True(stamp <= DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5);
            taken++;
            _events[uuid] = known is null ? fetched.DeepClone().AsObject() : Merged(known, fetched);
        }

        return taken;
    }

    private static JsonObject Merged(JsonObject known, JsonObject fetched)
    {
        var merged = fetched.DeepClone().AsObject();
        var attributes = known["Attribute"]!.AsArray().ToDictionary(attribute => (string)attribute!["uuid"]!, attribute => attribute!.DeepClone());
        foreach (var attribute in fetched["Attribute"]!.AsArray())
        {
            var uuid = (string)attribute!["uuid"]!;
            if (!attributes.TryGetValue(uuid, out var before) || Stamp(attribute) > Stamp(before))
            {
                attributes[uuid] = attribute.DeepClone();
            }
        }

        merged["Attribute"] = new JsonArray([.. attributes.Values]);
        return merged;
    }

    private static long Stamp(JsonNode node) => long.Parse((string)node["timestamp"]!, CultureInfo.InvariantCulture);
}
