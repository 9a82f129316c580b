using System.Text;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>A localdb node of MineMeld: one entry for a type and value, each with the seconds it lives; what lives for a second is over at once.</summary>
/// <param name="user">The administrator.</param>
/// <param name="password">Its password.</param>
/// <param name="node">The node.</param>
public sealed class MineMeldService(string user, string password, string node) : ISimulatedProduct
{
    private static readonly HashSet<string> _types = new(StringComparer.Ordinal) { "IPv4", "IPv6", "domain", "URL", "email-addr", "md5", "sha1", "sha256" };
    private static readonly HashSet<string> _members =
        new(StringComparer.Ordinal) { "indicator", "type", "ttl", "confidence", "share_level", "comment" };

    private readonly Dictionary<(string Type, string Value), JsonObject> _entries = [];

    /// <summary>What the node emits.</summary>
    public IReadOnlyDictionary<(string Type, string Value), JsonObject> Entries => _entries;

    /// <summary>A value that holds this text makes the node fail.</summary>
    public string? Poison { get; init; }

    /// <summary>Whether the account may only read.</summary>
    public bool IsReadOnly { get; set; }

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")))
        {
            return ProductAnswer.Json(401, """{"error":{"message":"Unauthorized"}}""");
        }

        if (request.Method != "POST" || request.Path != $"/config/data/{node}_indicators/append" || request.Query("t") != "localdb" || request.Query("h") != node)
        {
            return ProductAnswer.Json(404, """{"error":{"message":"Unknown"}}""");
        }

        if (IsReadOnly)
        {
            return ProductAnswer.Json(403, """{"error":{"message":"Forbidden"}}""");
        }

        if (JsonNode.Parse(request.Body) is not JsonArray list)
        {
            return ProductAnswer.Json(400, """{"error":{"message":"A list is expected"}}""");
        }

        if (!list.All(entry => IsEntry(entry as JsonObject)))
        {
            return ProductAnswer.Json(500, """{"error":{"message":"Invalid indicator"}}""");
        }

        foreach (var entry in list.OfType<JsonObject>())
        {
            var key = ((string)entry["type"]!, (string)entry["indicator"]!);
            if ((int)entry["ttl"]! <= 1)
            {
                _entries.Remove(key);
            }
            else
            {
                _entries[key] = (JsonObject)entry.DeepClone();
            }
        }

        return ProductAnswer.Json(200, """{"result":"ok"}""");
    }

    private bool IsEntry(JsonObject? entry) =>
        entry is not null && entry.All(member => _members.Contains(member.Key)) && _types.Contains((string?)entry["type"] ?? string.Empty)
        && (string?)entry["indicator"] is { Length: > 0 } value && (Poison is null || !value.Contains(Poison, StringComparison.Ordinal)) && entry["ttl"] is not null;
}
