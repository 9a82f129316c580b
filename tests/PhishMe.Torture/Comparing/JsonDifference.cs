using System.Text.Json.Nodes;

namespace PhishMe.Torture.Comparing;

/// <summary>Says which members of two JSON documents differ. Objects of a STIX bundle are matched by id; other arrays by position.</summary>
internal static class JsonDifference
{
    /// <returns>Kind and example of each difference; empty when both say the same.</returns>
    public static IEnumerable<(string Kind, string Example)> Between(JsonNode? left, JsonNode? right, string path)
    {
        switch (left, right)
        {
            case (JsonObject before, JsonObject after):
                return Members(before, after, path);
            case (JsonArray before, JsonArray after) when path.EndsWith("objects", StringComparison.Ordinal):
                return Objects(before, after, path);
            case (JsonArray before, JsonArray after) when before.Count == after.Count:
                return before.Zip(after).SelectMany(pair => Between(pair.First, pair.Second, path + "[]"));
            default:
                return JsonNode.DeepEquals(left, right) ? [] : [($"{path} differs", $"{Short(left)} / {Short(right)}")];
        }
    }

    private static IEnumerable<(string Kind, string Example)> Members(JsonObject before, JsonObject after, string path)
    {
        foreach ((var name, var value) in before)
        {
            if (!after.TryGetPropertyValue(name, out var other))
            {
                yield return ($"{path}.{name} only before", Short(value));
                continue;
            }

            foreach (var difference in Between(value, other, $"{path}.{name}"))
            {
                yield return difference;
            }
        }

        foreach ((var name, var value) in after.Where(member => !before.ContainsKey(member.Key)))
        {
            yield return ($"{path}.{name} only now", Short(value));
        }

        if (before.Count == after.Count && !before.Select(member => member.Key).SequenceEqual(after.Select(member => member.Key)))
        {
            yield return ($"{path}: order of the members", string.Join(", ", after.Select(member => member.Key)));
        }
    }

    private static IEnumerable<(string Kind, string Example)> Objects(JsonArray before, JsonArray after, string path)
    {
        var now = after.ToDictionary(Id, StringComparer.Ordinal);
        foreach (var item in before)
        {
            var kind = KindOf(item, path);
            if (!now.Remove(Id(item), out var other))
            {
                yield return ($"{kind} only before", Short(item));
                continue;
            }

            foreach (var difference in Between(item, other, kind))
            {
                yield return difference;
            }
        }

        foreach (var item in now.Values)
        {
            yield return ($"{KindOf(item, path)} only now", Short(item));
        }
    }

    private static string KindOf(JsonNode? item, string path) => $"{path}: {(item?["revoked"] is null ? string.Empty : "revoked ")}{item?["type"]}";

    private static string Id(JsonNode? item) => item?["id"]?.ToString() ?? string.Empty;

    private static string Short(JsonNode? node) => node?.ToJsonString() is string text ? text.Length > 160 ? text[..160] + "…" : text : "null";
}
