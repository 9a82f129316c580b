using System.Text.Json;
using Json.Schema;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Checks STIX 2.1 bundles against the schemas of OASIS, and for what the schemas do not say.</summary>
internal sealed class StixBundleChecker
{
    // What the schemas call their home; they are read from files.
    private const string Home = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas/";

    private static readonly Lazy<StixBundleChecker> _loaded = new(() => new StixBundleChecker());

    private static readonly EvaluationOptions _evaluation = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    // By the file of its own type an object is checked in a fraction of the time, and a message says what is wrong.
    private readonly Dictionary<string, JsonSchema> _schemas;

    private StixBundleChecker()
    {
        var options = new BuildOptions { SchemaRegistry = new() };
        options.SchemaRegistry.Fetch = (uri, _) => Read(uri, options);
        _schemas = new()
        {
            ["bundle"] = Schema("common/bundle"),
            ["identity"] = Schema("sdos/identity"),
            ["indicator"] = Schema("sdos/indicator"),
            ["malware"] = Schema("sdos/malware"),
            ["relationship"] = Schema("sros/relationship"),
            ["report"] = Schema("sdos/report"),
        };

        // Through the registry, so that a schema that refers to one of these finds it there.
        JsonSchema Schema(string name) => (JsonSchema)options.SchemaRegistry.Get(new Uri($"{Home}{name}.json"))!;
    }

    /// <summary>Skips the test where the schemas are not.</summary>
    public static StixBundleChecker Load()
    {
        SharedMaterial.Folder("schemas", "stix2.1");
        return _loaded.Value;
    }

    /// <summary>What the schema of a type finds wrong with an object of it: place and message. Empty when it is valid.</summary>
    public IReadOnlyList<string> Errors(string type, JsonElement one)
    {
        var result = _schemas[type].Evaluate(one, _evaluation);
        if (result.IsValid)
        {
            return [];
        }

        return
        [
            .. from detail in result.Details ?? []
               from error in detail.Errors ?? []
               select $"{detail.InstanceLocation}: {error.Value} ({detail.EvaluationPath}/{error.Key})",
        ];
    }

    public static List<JsonElement> Objects(string bundle) => [.. JsonDocument.Parse(bundle).RootElement.GetProperty("objects").EnumerateArray()];

    public static string Type(JsonElement one) => one.GetProperty("type").GetString()!;

    public static string Id(JsonElement one) => one.GetProperty("id").GetString()!;

    public void AssertValid(string bundle, string name)
    {
        var objects = Objects(bundle);
        foreach (var one in objects.Where(one => Type(one) != "marking-definition"))
        {
            var errors = Errors(Type(one), one);
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

    private static JsonSchema Read(Uri uri, BuildOptions options)
    {
        var path = Path.Combine(SharedMaterial.Folder("schemas", "stix2.1"), uri.AbsoluteUri[Home.Length..]);
        return JsonSchema.FromText(File.ReadAllText(path), options);
    }
}
