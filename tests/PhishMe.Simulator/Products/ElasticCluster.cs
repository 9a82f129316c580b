using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// Elasticsearch and OpenSearch as <c>_bulk</c> sees them: indices of documents by id, an alias over several with one that is written to, templates, and data
/// streams that take no changes. An id is unique in its index only.
/// </summary>
/// <param name="authorization">The header of the account.</param>
public sealed class ElasticCluster(string authorization) : ISimulatedProduct
{
    private readonly SortedDictionary<string, SortedDictionary<string, JsonObject>> _indices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _templates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _aliases = new(StringComparer.Ordinal);

    /// <summary>A document that holds this text does not fit the mapping.</summary>
    public string? Poison { get; init; }

    /// <summary>A name that is a data stream.</summary>
    public string? DataStream { get; init; }

    /// <summary>Whether the account may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Whether the disk is full: every item is refused with a block.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Items of a request, by place, that are refused because too much is going on. Emptied by the request.</summary>
    public HashSet<int> TooBusyFor { get; } = [];

    /// <summary>Whether a missing name is answered with 404, as newer versions do.</summary>
    public bool MissesNames { get; init; } = true;

    /// <summary>Index, then id.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, JsonObject>> Indices => _indices;

    public IReadOnlyDictionary<string, JsonObject> Templates => _templates;

    public IEnumerable<JsonObject> Documents => _indices.Values.SelectMany(index => index.Values);

    /// <summary>Adds an index behind an alias; what is written to the alias goes there from now on.</summary>
    public void RollOver(string alias, string index)
    {
        _indices.TryAdd(index, new(StringComparer.Ordinal));
        _aliases.TryAdd(alias, []);
        _aliases[alias].Add(index);
    }

    public void AddTemplateOfOther(string name) => _templates.Add(name, new JsonObject { ["index_patterns"] = new JsonArray("x") });

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") != authorization)
        {
            return Error(401, "security_exception", "missing authentication credentials for REST request");
        }

        string[] parts = [.. request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return (request.Method, parts) switch
        {
            ("GET", ["_resolve", "index", var name]) => Resolve(name),
            ("GET", ["_index_template", var name]) => _templates.TryGetValue(name, out var template)
                ? Json(new JsonObject { ["index_templates"] = new JsonArray(new JsonObject { ["name"] = name, ["index_template"] = template.DeepClone() }) })
                : Error(404, "resource_not_found_exception", $"index template matching [{name}] not found"),
            ("PUT", ["_index_template", var name]) => Install(name, request),
            ("POST", ["_bulk"]) => Bulk(request),
            _ => Error(400, "illegal_argument_exception", $"no handler found for uri [{request.RawTarget}] and method [{request.Method}]"),
        };
    }

    private static ProductAnswer Json(JsonObject json) => ProductAnswer.Json(200, json.ToJsonString());

    private static JsonObject ErrorOf(string type, string reason) => new() { ["type"] = type, ["reason"] = reason };

    private static ProductAnswer Error(int status, string type, string reason) => ProductAnswer.Json(
        status, new JsonObject { ["error"] = ErrorOf(type, reason), ["status"] = status }.ToJsonString());

    private ProductAnswer Resolve(string name)
    {
        var isKnown = _indices.ContainsKey(name) || _aliases.ContainsKey(name) || name == DataStream;
        return !isKnown && MissesNames
            ? Error(404, "index_not_found_exception", $"no such index [{name}]")
            : Json(new JsonObject
            {
                ["indices"] = _indices.ContainsKey(name) ? new JsonArray(new JsonObject { ["name"] = name, ["attributes"] = new JsonArray("open") }) : new JsonArray(),
                ["aliases"] = _aliases.TryGetValue(name, out var behind)
                    ? new JsonArray(new JsonObject { ["name"] = name, ["indices"] = behind.Count == 1 ? behind[0] : new JsonArray([.. behind.Select(index => (JsonNode)index)]) })
                    : new JsonArray(),
                ["data_streams"] = name == DataStream ? new JsonArray(new JsonObject { ["name"] = name, ["timestamp_field"] = "@timestamp" }) : new JsonArray(),
            });
    }

    private ProductAnswer Install(string name, ProductRequest request)
    {
        if (IsReadOnly)
        {
            return Error(403, "security_exception", "action [indices:admin/index_template/put] is unauthorized");
        }

        _templates[name] = JsonNode.Parse(request.Text)!.AsObject();
        return Json(new JsonObject { ["acknowledged"] = true });
    }

    private ProductAnswer Bulk(ProductRequest request)
    {
        if (request.Header("Content-Type") != "application/x-ndjson" || request.Body is not [.., (byte)'\n'])
        {
            return Error(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
        }

        var lines = new Queue<string>(request.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var items = new JsonArray();
        while (lines.TryDequeue(out var line))
        {
            var action = JsonNode.Parse(line)!.AsObject().Single();
            var source = action.Key == "delete" ? null : lines.Dequeue();
            var place = items.Count;
            items.Add((JsonNode)new JsonObject { [action.Key] = Act(action.Key, (string)action.Value!["_index"]!, (string)action.Value["_id"]!, source, place) });
        }

        TooBusyFor.Clear();
        return Json(new JsonObject { ["errors"] = items.Any(item => item!.AsObject().Single().Value!["error"] is not null), ["items"] = items });
    }

    private JsonObject Act(string verb, string name, string id, string? source, int place)
    {
        if (IsReadOnly)
        {
            return Result(name, 403, "security_exception", $"action [indices:data/write/bulk[s]] is unauthorized for API key on indices [{name}]");
        }

        if (IsBlocked)
        {
            return Result(name, 403, "cluster_block_exception", $"index [{name}] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]");
        }

        if (TooBusyFor.Contains(place))
        {
            return Result(name, 429, "es_rejected_execution_exception", "rejected execution of coordinating operation");
        }

        if (name == DataStream)
        {
            return Result(name, 400, "illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams");
        }

        if (Encoding.UTF8.GetByteCount(id) > 512)
        {
            return Result(name, 400, "illegal_argument_exception", "id is too long");
        }

        var index = _aliases.TryGetValue(name, out var behind) ? behind[^1] : name;
        return verb switch
        {
            "delete" => !_indices.TryGetValue(index, out var documents) ? Result(index, 404, "index_not_found_exception", $"no such index [{index}]")
                : documents.Remove(id) ? Result(index, 200, "deleted") : Result(index, 404, "not_found"),
            "update" => _indices.TryGetValue(index, out var held) && held.TryGetValue(id, out var document)
                ? Update(index, document, source!)
                : Result(index, 404, "document_missing_exception", $"[{id}]: document missing"),
            "index" => Index(index, id, source!),
            _ => Result(index, 400, "illegal_argument_exception", $"Malformed action [{verb}]"),
        };
    }

    private JsonObject Index(string index, string id, string source)
    {
        var document = JsonNode.Parse(source)!.AsObject();
        if (Poison is not null && source.Contains(Poison, StringComparison.Ordinal))
        {
            return Result(index, 400, "document_parsing_exception", $"[1:99] failed to parse field [threat.indicator.ip] of type [ip] in document with id '{id}'. Preview of field's value: 'x'");
        }

        // The field of an address takes addresses only, as the mapping of the schema has it.
        if (document["threat"]?["indicator"]?["ip"] is JsonValue address && !System.Net.IPAddress.TryParse((string)address!, out _))
        {
            return Result(index, 400, "document_parsing_exception", string.Create(CultureInfo.InvariantCulture, $"failed to parse field [threat.indicator.ip] of type [ip] in document with id '{id}'"));
        }

        _indices.TryAdd(index, new(StringComparer.Ordinal));
        var isNew = _indices[index].TryAdd(id, document);
        _indices[index][id] = document;
        return Result(index, isNew ? 201 : 200, isNew ? "created" : "updated");
    }

    private static JsonObject Update(string index, JsonObject document, string source)
    {
        foreach (var (name, value) in JsonNode.Parse(source)!["doc"]!.AsObject())
        {
            document[name] = value?.DeepClone();
        }

        return Result(index, 200, "updated");
    }

    private static JsonObject Result(string index, int status, string result, string? reason = null) => new()
    {
        ["_index"] = index,
        ["status"] = status,
        [reason is null ? "result" : "error"] = reason is null ? result : ErrorOf(result, reason),
    };
}
