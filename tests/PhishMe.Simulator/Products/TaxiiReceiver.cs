using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// A TAXII 2.1 server with one collection that can be written. A standard one names the objects that failed. OpenCTI counts them only, merges what has the same
/// pattern, and ignores a version whose score it was sent for that pattern before.
/// </summary>
/// <param name="root">Path of the API root, without slashes.</param>
/// <param name="collection">Id of the collection.</param>
public sealed class TaxiiReceiver(string root, string collection) : ISimulatedProduct
{
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> _scores = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (JsonObject Status, int Polls)> _statuses = new(StringComparer.Ordinal);

    /// <summary>The token that is taken (Bearer).</summary>
    public string? Token { get; init; }

    /// <summary>User and password that are taken (Basic).</summary>
    public string? UserAndPassword { get; init; }

    /// <summary>Whether it behaves as OpenCTI does.</summary>
    public bool IsOpenCti { get; init; }

    /// <summary>An object that holds this text fails.</summary>
    public string? Poison { get; init; }

    public bool IsReadOnly { get; set; }

    /// <summary>Whether nothing takes what is pushed at present.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Bytes of a request at most.</summary>
    public int MaximumLength { get; init; } = 1_000_000;

    /// <summary>How often a status says pending before it says what became of an envelope.</summary>
    public int PendingPolls { get; init; }

    /// <summary>The newest version by id; for OpenCTI, of indicators by pattern.</summary>
    public IReadOnlyDictionary<string, JsonObject> Objects => _objects;

    /// <summary>Objects that arrived so far.</summary>
    public int Arrived { get; private set; }

    /// <summary>Indicators that are not revoked and valid now.</summary>
    public IEnumerable<string> Live => _objects.Values
        .Where(item => (string)item["type"]! == "indicator" && (bool?)item["revoked"] != true && (DateTimeOffset)item["valid_until"]! > DateTimeOffset.UtcNow)
        .Select(item => (string)item["name"]!);

    /// <summary>The objects of a type.</summary>
    public IEnumerable<JsonObject> Of(string type) => _objects.Values.Where(item => (string)item["type"]! == type);

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var given = request.Header("Authorization");
        if (given is null || (given != $"Bearer {Token}" && (UserAndPassword is null || given != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(UserAndPassword))}")))
        {
            return Error(401, "Unauthorized") with { Headers = [new("WWW-Authenticate", "Basic, Bearer")] };
        }

        return (request.Method, request.Path) switch
        {
            ("GET", var path) when path == $"/{root}/" => ProductAnswer.Json(200, new JsonObject
            {
                ["title"] = "Simulated",
                ["versions"] = new JsonArray("application/taxii+json;version=2.1"),
                ["max_content_length"] = MaximumLength,
            }.ToJsonString()),
            ("GET", var path) when path.StartsWith($"/{root}/status/", StringComparison.Ordinal) && path.EndsWith('/') => Poll(path.Split('/')[^2]),
            ("POST", var path) when path == $"/{root}/collections/{collection}/objects/" && !IsStopped => Add(request),
            _ => Error(404, "Collection not found"),
        };
    }

    private static ProductAnswer Error(int status, string title) => ProductAnswer.Json(
        status, new JsonObject { ["title"] = title, ["http_status"] = status.ToString(CultureInfo.InvariantCulture) }.ToJsonString());

    private ProductAnswer Poll(string id)
    {
        if (!_statuses.TryGetValue(id, out var known))
        {
            return Error(404, "Status not found");
        }

        _statuses[id] = known with { Polls = known.Polls - 1 };
        return ProductAnswer.Json(200, (known.Polls > 0 ? Pending(known.Status) : known.Status).ToJsonString());
    }

    private ProductAnswer Add(ProductRequest request)
    {
        if (IsReadOnly)
        {
            return Error(403, "The account may not write to this collection");
        }

        if (request.Header("Content-Type")?.Replace(" ", string.Empty, StringComparison.Ordinal) is not ("application/taxii+json;version=2.1" or "application/vnd.oasis.stix+json;version=2.1"))
        {
            return Error(IsOpenCti ? 400 : 415, "Invalid content type");
        }

        if (request.Body.Length > MaximumLength)
        {
            return Error(413, "Request entity too large");
        }

        if (JsonNode.Parse(request.Text)?["objects"] is not JsonArray { Count: > 0 } objects)
        {
            return Error(400, "There are no objects");
        }

        var failures = new JsonArray();
        foreach (var item in objects.Select(item => item!.AsObject()))
        {
            Arrived++;
            if (Refusal(item) is { } message)
            {
                failures.Add((JsonNode)new JsonObject { ["id"] = (string?)item["id"], ["version"] = (string?)item["modified"], ["message"] = message });
            }
            else
            {
                Take(item);
            }
        }

        var id = Guid.NewGuid().ToString("D");
        var status = new JsonObject
        {
            ["id"] = id,
            ["status"] = "complete",
            ["total_count"] = objects.Count,
            ["success_count"] = objects.Count - failures.Count,
            ["failure_count"] = failures.Count,
            ["pending_count"] = 0,
        };
        if (!IsOpenCti)
        {
            status["failures"] = failures;
        }

        var isPending = IsOpenCti || PendingPolls > 0;
        _statuses[id] = (status, PendingPolls);
        return ProductAnswer.Json(IsOpenCti ? 200 : 202, (isPending ? Pending(status) : status).ToJsonString());
    }

    private static JsonObject Pending(JsonObject status) => new()
    {
        ["id"] = (string)status["id"]!,
        ["status"] = "pending",
        ["total_count"] = (int)status["total_count"]!,
        ["success_count"] = 0,
        ["failure_count"] = 0,
        ["pending_count"] = (int)status["total_count"]!,
    };

    private void Take(JsonObject item)
    {
        var key = (string)item["id"]!;
        if (IsOpenCti && (string)item["type"]! == "indicator")
        {
            key = (string)item["pattern"]!;
            if (!_scores.TryGetValue(key, out var scores))
            {
                _scores[key] = scores = [];
            }

            if (!scores.Add((int)item["x_opencti_score"]!))
            {
                return;
            }
        }

        if (_objects.TryGetValue(key, out var known) && item["modified"] is JsonNode modified && (DateTimeOffset)known["modified"]! >= (DateTimeOffset)modified)
        {
            return;
        }

        _objects[key] = item.DeepClone().AsObject();
    }

    private string? Refusal(JsonObject item)
    {
        string[] required = (string?)item["type"] switch
        {
            "indicator" => ["id", "spec_version", "created", "modified", "pattern", "pattern_type", "valid_from"],
            "report" => ["id", "spec_version", "created", "modified", "name", "published"],
            "malware" => ["id", "spec_version", "created", "modified", "is_family"],
            "relationship" => ["id", "spec_version", "created", "modified", "relationship_type", "source_ref", "target_ref"],
            "identity" => ["id", "spec_version", "created", "modified", "name"],
            "marking-definition" => ["id", "spec_version", "created"],
            _ => ["a known type"],
        };
        return required.FirstOrDefault(name => item[name] is null) is string missing ? $"{missing} is missing."
            : Poison is not null && item.ToJsonString().Contains(Poison, StringComparison.Ordinal) ? "The pattern is excluded."
            : item["valid_until"] is JsonNode end && (DateTimeOffset)end <= (DateTimeOffset)item["valid_from"]! ? "valid_until has to be later than valid_from."
            : item["modified"] is JsonNode modified && (DateTimeOffset)modified < (DateTimeOffset)item["created"]! ? "modified is before created."
            : item["object_refs"] is JsonArray { Count: 0 } ? "object_refs is empty." : null;
    }
}
