using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The lists of Recorded Future, as its public client library uses them: found by name, one entity per call, and an answer that says <c>added</c>,
/// <c>removed</c> or <c>unchanged</c>.
/// </summary>
/// <param name="token">The API token.</param>
public sealed class RecordedFutureService(string token) : ISimulatedProduct
{
    private static readonly string[] _prefixes = ["ip:", "idn:", "hash:", "url:"];

    private readonly Dictionary<string, (string Name, List<string> Entities)> _lists = new(StringComparer.Ordinal);

    /// <summary>Entities by name of the list, in the order in which they were added.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lists =>
        _lists.Values.ToDictionary(list => list.Name, list => (IReadOnlyList<string>)list.Entities, StringComparer.Ordinal);

    /// <summary>Whether the token may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>An entity that holds this text does not exist in the service.</summary>
    public string? Unknown { get; init; }

    /// <summary>Entities that one list takes.</summary>
    public int LargestList { get; init; } = int.MaxValue;

    /// <summary>A list that somebody made.</summary>
    public void AddOfOther(string name, params IEnumerable<string> entities) => _lists.Add(NewId(), (name, [.. entities]));

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("X-RFToken") != token)
        {
            return Error(401, "Unauthorized");
        }

        string[] parts = [.. request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return (request.Method, parts) switch
        {
            ("POST", ["list", "search"]) => Search(request),
            ("POST", ["list", "create"]) => IsReadOnly ? Error(403, "Forbidden") : Create(request),
            ("GET", ["list", var id, "info"]) when _lists.ContainsKey(id) => ProductAnswer.Json(200, Described(id).ToJsonString()),
            ("GET", ["list", var id, "status"]) when _lists.TryGetValue(id, out var list) =>
                ProductAnswer.Json(200, string.Create(CultureInfo.InvariantCulture, $$"""{"size":{{list.Entities.Count}},"status":"ready"}""")),
            ("POST", ["list", var id, "entity", "add"]) when _lists.TryGetValue(id, out var list) => Add(list.Entities, request),
            ("POST", ["list", var id, "entity", "remove"]) when _lists.TryGetValue(id, out var list) => Remove(list.Entities, request),
            _ => Error(404, "Not found"),
        };
    }

    private static ProductAnswer Error(int status, string message) =>
        ProductAnswer.Json(status, string.Create(CultureInfo.InvariantCulture, $$$"""{"error":{"status":{{{status}}},"message":"{{{message}}}"}}"""));

    private static ProductAnswer Result(string word) => ProductAnswer.Json(200, $$"""{"result":"{{word}}"}""");

    private string NewId() => string.Create(CultureInfo.InvariantCulture, $"report:{_lists.Count + 1}");

    private JsonObject Described(string id) => new()
    {
        ["id"] = id,
        ["name"] = _lists[id].Name,
        ["type"] = "entity",
        ["created"] = "2026-01-01T00:00:00Z",
        ["updated"] = "2026-01-01T00:00:00Z",
        ["owner_id"] = "uhash:1",
        ["owner_name"] = "owner",
    };

    /// <summary>Names are searched by part, as a search box does it: a client has to compare them itself.</summary>
    private ProductAnswer Search(ProductRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        var name = body.RootElement.GetProperty("name").GetString()!;
        JsonNode[] found = [.. _lists.Where(pair => pair.Value.Name.Contains(name, StringComparison.OrdinalIgnoreCase)).Select(pair => Described(pair.Key))];
        return ProductAnswer.Json(200, new JsonArray(found).ToJsonString());
    }

    private ProductAnswer Create(ProductRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        var id = NewId();
        _lists.Add(id, (body.RootElement.GetProperty("name").GetString()!, []));
        return ProductAnswer.Json(200, Described(id).ToJsonString());
    }

    private ProductAnswer Add(List<string> entities, ProductRequest request)
    {
        if (IsReadOnly)
        {
            return Error(403, "Forbidden");
        }

        if (EntityOf(request) is not string entity || !Array.Exists(_prefixes, prefix => entity.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return Error(400, "Invalid entity");
        }

        if (Unknown is not null && entity.Contains(Unknown, StringComparison.Ordinal))
        {
            return Error(404, "Entity not found");
        }

        if (entities.Contains(entity))
        {
            return Result("unchanged");
        }

        if (entities.Count >= LargestList)
        {
            return Error(400, "List is full");
        }

        entities.Add(entity);
        return Result("added");
    }

    private ProductAnswer Remove(List<string> entities, ProductRequest request) =>
        IsReadOnly ? Error(403, "Forbidden")
        : EntityOf(request) is not string entity ? Error(400, "Invalid entity")
        : Result(entities.Remove(entity) ? "removed" : "unchanged");

    private static string? EntityOf(ProductRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        return body.RootElement.TryGetProperty("entity", out var entity) && entity.TryGetProperty("id", out var id) ? id.GetString() : null;
    }
}
