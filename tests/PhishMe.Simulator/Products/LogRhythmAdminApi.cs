using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>The lists of LogRhythm's administration API: items are added and removed by value, and one that cannot be taken refuses the call.</summary>
/// <param name="token">The API token.</param>
public sealed class LogRhythmAdminApi(string token) : ISimulatedProduct
{
    private readonly Dictionary<string, (string Name, HashSet<string> Values)> _lists = new(StringComparer.Ordinal);

    /// <summary>Values by the name of their list.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<string>> Lists =>
        _lists.Values.ToDictionary(list => list.Name, list => (IReadOnlyCollection<string>)list.Values, StringComparer.Ordinal);

    /// <summary>A value that holds this text cannot be taken.</summary>
    public string? Poison { get; init; }

    /// <summary>Whether the account may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>A list that an administrator made.</summary>
    public void Add(string name, params IEnumerable<string> values) => _lists.Add($"guid-{_lists.Count + 1}", (name, new HashSet<string>(values, StringComparer.Ordinal)));

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") != $"Bearer {token}")
        {
            return ProductAnswer.Json(401, """{"statusCode":401,"message":"Unauthorized"}""");
        }

        return (request.Method, request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
        {
            ("GET", ["lr-admin-api", "lists"]) => ProductAnswer.Json(200, new JsonArray([.. _lists.Select(Described)]).ToJsonString()),
            ("POST" or "DELETE", ["lr-admin-api", "lists", var guid, "items"]) when _lists.ContainsKey(guid) => IsReadOnly
                ? ProductAnswer.Json(403, """{"statusCode":403,"message":"Forbidden"}""")
                : Change(guid, request),
            _ => ProductAnswer.Json(404, """{"statusCode":404,"message":"Not found"}"""),
        };
    }

    private static JsonObject Described(KeyValuePair<string, (string Name, HashSet<string> Values)> list) =>
        new() { ["guid"] = list.Key, ["name"] = list.Value.Name, ["listType"] = "GeneralValue", ["entryCount"] = list.Value.Values.Count };

    private ProductAnswer Change(string guid, ProductRequest request)
    {
        var (name, values) = _lists[guid];
        var items = JsonNode.Parse(request.Body)!["items"]!.AsArray();
        foreach (var item in items)
        {
            var isAddress = name.EndsWith("ipv4address", StringComparison.Ordinal);
            if ((string?)item!["value"] is not { Length: > 0 } value || (Poison is not null && value.Contains(Poison, StringComparison.Ordinal))
                || (string?)item["listItemType"] != (isAddress ? "IP" : "StringValue") || (string?)item["listItemDataType"] != (isAddress ? "IP" : "String"))
            {
                return ProductAnswer.Json(400, """{"statusCode":400,"message":"Invalid list item"}""");
            }
        }

        foreach (var value in items.Select(item => (string)item!["value"]!))
        {
            if (request.Method == "POST")
            {
                values.Add(value);
            }
            else
            {
                values.Remove(value);
            }
        }

        return ProductAnswer.Json(200, Described(new(guid, _lists[guid])).ToJsonString());
    }
}
