using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace PhishMe.Simulator.Products;

/// <summary>
/// Anomali ThreatStream: 202 for whatever is well-formed JSON, the work afterwards. An object without a value key of its own, without an itype that fits it, or
/// (hashes and addresses of e-mail) without a confidence is dropped without a word.
/// </summary>
/// <param name="user">The user name.</param>
/// <param name="key">The API key.</param>
public sealed class ThreatStreamService(string user, string key) : ISimulatedProduct
{
    private static readonly string[] _valueKeys = ["srcip", "domain", "url", "email", "md5"];
    private static readonly string[] _severities = ["low", "medium", "high", "very-high"];

    private readonly Dictionary<(string Itype, string Value), JsonObject> _observables = [];
    private readonly List<JsonObject> _waiting = [];
    private int _nextSession;

    /// <summary>What queries find, by itype and value.</summary>
    public IReadOnlyDictionary<(string Itype, string Value), JsonObject> Observables => _observables;

    /// <summary>Objects that were dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Import sessions that wait for approval: the value texts of each.</summary>
    public IList<IReadOnlyList<string>> Imports { get; } = [];

    /// <summary>Whether what was accepted is worked off; otherwise it waits.</summary>
    public bool IsProcessing { get; set; } = true;

    /// <summary>Whether everything is accepted and dropped.</summary>
    public bool KeepsNothing { get; set; }

    /// <summary>Whether the user may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>A whole request with this text is answered with 400.</summary>
    public string? Poison { get; init; }

    /// <summary>Objects of one request at most; more are answered with 400.</summary>
    public int LargestBatch { get; init; } = 1000;

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") != $"apikey {user}:{key}")
        {
            return new ProductAnswer(401, "text/html; charset=utf-8");
        }

        if (IsReadOnly && request.Method != "GET")
        {
            return ProductAnswer.Json(403, """{"error":"You do not have permission"}""");
        }

        Process();
        return (request.Method, request.Path) switch
        {
            ("PATCH", "/api/v1/intelligence/") => Patch(request),
            ("POST", "/api/v1/intelligence/import/") => Import(request),
            ("GET", "/api/v2/intelligence/") => Find(request),
            _ => ProductAnswer.Page(404, "Not Found"),
        };
    }

    private ProductAnswer Patch(ProductRequest request)
    {
        if (Parsed(request.Body) is not JsonObject body || body["meta"] is not JsonObject meta || body["objects"] is not JsonArray objects)
        {
            return ProductAnswer.Json(400, """{"error":"Invalid JSON"}""");
        }

        if ((Poison is not null && request.Text.Contains(Poison, StringComparison.Ordinal)) || objects.Count > LargestBatch)
        {
            return ProductAnswer.Json(400, """{"error":"Invalid value"}""");
        }

        foreach (var node in objects)
        {
            var observable = (JsonObject)node!.DeepClone();
            foreach (var (name, value) in meta)
            {
                observable.TryAdd(name, value?.DeepClone());
            }

            _waiting.Add(observable);
        }

        Process();
        return new ProductAnswer(202);
    }

    private ProductAnswer Import(ProductRequest request)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.Header("Content-Type")).Boundary).Value!;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        using var stream = new MemoryStream(request.Body);
        var reader = new MultipartReader(boundary, stream);
        while (reader.ReadNextSectionAsync().GetAwaiter().GetResult() is MultipartSection section)
        {
            fields[section.AsFormDataSection()!.Name] = section.AsFormDataSection()!.GetValueAsync().GetAwaiter().GetResult();
        }

        if (!fields.TryGetValue("datatext", out var text) || !fields.ContainsKey("classification"))
        {
            return ProductAnswer.Json(400, """{"success":false,"message":"datatext and classification are required"}""");
        }

        Imports.Add(text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return ProductAnswer.Json(202, string.Create(CultureInfo.InvariantCulture, $$"""{"success":true,"import_session_id":"{{++_nextSession}}","job_id":"{{Guid.NewGuid()}}"}"""));
    }

    private ProductAnswer Find(ProductRequest request)
    {
        var value = request.Query("value");
        var found = _observables.Where(pair => value is null || pair.Key.Value == value).Take(20).Select(pair => (JsonNode)new JsonObject
        {
            ["itype"] = pair.Key.Itype,
            ["value"] = pair.Key.Value,
            ["status"] = "active",
        }).ToArray();
        return ProductAnswer.Json(200, new JsonObject
        {
            ["meta"] = new JsonObject { ["total_count"] = found.Length, ["limit"] = 20, ["offset"] = 0 },
            ["objects"] = new JsonArray(found),
        }.ToJsonString());
    }

    private void Process()
    {
        if (!IsProcessing)
        {
            return;
        }

        foreach (var observable in _waiting)
        {
            string[] values = [.. _valueKeys.Where(observable.ContainsKey)];
            if (KeepsNothing || values.Length != 1 || !Fits(values[0], observable))
            {
                Dropped++;
                continue;
            }

            _observables[((string)observable["itype"]!, (string)observable[values[0]]!)] = observable;
        }

        _waiting.Clear();
    }

    private static bool Fits(string valueKey, JsonObject observable)
    {
        if (observable["itype"]?.GetValue<string>() is not string itype
            || observable["severity"]?.GetValue<string>() is not string severity || !_severities.Contains(severity)
            || (observable["expiration_ts"]?.GetValue<string>() is string end && !DateTimeOffset.TryParse(end, CultureInfo.InvariantCulture, out _)))
        {
            return false;
        }

        return valueKey switch
        {
            "srcip" => itype.EndsWith("_ip", StringComparison.Ordinal),
            "domain" => itype.EndsWith("_domain", StringComparison.Ordinal),
            "url" => itype.EndsWith("_url", StringComparison.Ordinal),
            "email" => itype.EndsWith("_email", StringComparison.Ordinal) && observable.ContainsKey("confidence"),
            _ => (itype.EndsWith("_md5", StringComparison.Ordinal) || itype.EndsWith("_ssdeep", StringComparison.Ordinal)) && observable.ContainsKey("confidence"),
        };
    }

    private static JsonNode? Parsed(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
