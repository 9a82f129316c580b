using System.Text.Json;
using NJsonSchema;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Checks STIX 2.1 bundles against the schemas of OASIS, and for what the schemas do not say.</summary>
internal sealed class StixBundleChecker
{
    private static readonly Lazy<Task<StixBundleChecker>> _loaded = new(async () => new StixBundleChecker(new Dictionary<string, JsonSchema>
    {
        ["identity"] = await SchemaAsync("sdos", "identity"),
        ["indicator"] = await SchemaAsync("sdos", "indicator"),
        ["malware"] = await SchemaAsync("sdos", "malware"),
        ["relationship"] = await SchemaAsync("sros", "relationship"),
        ["report"] = await SchemaAsync("sdos", "report"),
    }));

    // By the file of its own type an object is checked in a fraction of the time, and a message says what is wrong.
    private readonly Dictionary<string, JsonSchema> _schemas;

    private StixBundleChecker(Dictionary<string, JsonSchema> schemas)
    {
        _schemas = schemas;
    }

    /// <summary>Skips the test where the schemas are not.</summary>
    public static async Task<StixBundleChecker> LoadAsync()
    {
        SharedMaterial.Folder("schemas", "stix2.1");
        return await _loaded.Value;
    }

    public static Task<JsonSchema> SchemaAsync(string folder, string name) =>
        JsonSchema.FromFileAsync(Path.Combine(SharedMaterial.Folder("schemas", "stix2.1"), folder, name + ".json"));

    public static List<JsonElement> Objects(string bundle) => [.. JsonDocument.Parse(bundle).RootElement.GetProperty("objects").EnumerateArray()];

    public static string Type(JsonElement one) => one.GetProperty("type").GetString()!;

    public static string Id(JsonElement one) => one.GetProperty("id").GetString()!;

    public void AssertValid(string bundle, string name)
    {
        var objects = Objects(bundle);
        foreach (var one in objects.Where(one => Type(one) != "marking-definition"))
        {
            var errors = _schemas[Type(one)].Validate(one.GetRawText());
            Assert.True(errors.Count == 0, $"{string.Join("; ", errors)} in {one.GetRawText()}: {name}");
        }

        // What the schemas do not say.
        HashSet<string> ids = [.. objects.Select(Id)];
        Assert.True(ids.Count == objects.Count, $"an id twice: {name}");
        foreach (var one in objects)
        {
            foreach (var reference in References(one))
            {
                Assert.True(ids.Contains(reference), $"{reference} does not resolve: {name}");
            }

            if (Type(one) == "indicator")
            {
                (var path, var _, var value) = StixPatternChecker.Parse(one.GetProperty("pattern").GetString()!);
                if (path.StartsWith("file:hashes", StringComparison.Ordinal) && !path.EndsWith("SSDEEP", StringComparison.Ordinal))
                {
                    var length = path[12..] switch { "MD5" => 32, "SHA-1" => 40, "SHA-224" => 56, "SHA-256" => 64, "SHA-384" => 96, _ => 128 };
                    Assert.True(value.Length == length && value.All(char.IsAsciiHexDigitLower), $"{path} {value}: {name}");
                }

                Assert.True(
                    !one.TryGetProperty("valid_until", out var until)
                    || string.CompareOrdinal(until.GetString(), one.GetProperty("valid_from").GetString()) > 0,
                    $"valid_until: {name}");
            }

            Assert.True(
                !one.TryGetProperty("modified", out var modified)
                || string.CompareOrdinal(modified.GetString(), one.GetProperty("created").GetString()) >= 0,
                $"modified: {name}");
        }
    }

    private static IEnumerable<string> References(JsonElement one)
    {
        foreach (var property in one.EnumerateObject())
        {
            if (property.Name.EndsWith("_ref", StringComparison.Ordinal))
            {
                yield return property.Value.GetString()!;
            }
            else if (property.Name.EndsWith("_refs", StringComparison.Ordinal))
            {
                foreach (var reference in property.Value.EnumerateArray())
                {
                    yield return reference.GetString()!;
                }
            }
        }
    }
}
