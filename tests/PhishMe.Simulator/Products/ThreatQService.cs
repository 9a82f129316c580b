using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// ThreatQ: tokens that end, answers that are lists, and three rules of its own. An indicator without a status becomes Indirect; of equal items in one
/// request the status of the last one counts; a protected status stays. Attributes that come again from the same source are added again.
/// </summary>
/// <param name="email">The user.</param>
/// <param name="password">The password, or the client secret.</param>
/// <param name="clientId">The client.</param>
public sealed class ThreatQService(string email, string password, string clientId) : ISimulatedProduct
{
    private static readonly string[] _types =
        ["CVE", "Email Address", "FQDN", "Fuzzy Hash", "IP Address", "IPv6 Address", "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "URL", "Email Subject"];

    private static readonly string[] _statuses = ["Active", "Expired", "Indirect", "Review", "Whitelisted"];

    private readonly Dictionary<(string Type, string Value), ThreatQIndicator> _indicators = [];
    private readonly List<JsonObject> _events = [];
    private readonly HashSet<string> _tokens = new(StringComparer.Ordinal);
    private int _nextId;

    /// <summary>Indicators by type and value.</summary>
    public IReadOnlyDictionary<(string Type, string Value), ThreatQIndicator> Indicators => _indicators;

    /// <summary>Events as they were posted.</summary>
    public IReadOnlyList<JsonObject> Events => _events;

    /// <summary>Requests for a token.</summary>
    public int TokenRequests { get; private set; }

    /// <summary>Seconds that a token lives, as the answer says.</summary>
    public int TokenSeconds { get; init; } = 3600;

    /// <summary>An item that holds this text is refused inside an answer of success.</summary>
    public string? Poison { get; init; }

    /// <summary>Whether the account may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>All tokens end now.</summary>
    public void EndTokens() => _tokens.Clear();

    /// <summary>An indicator whose status an analyst protects.</summary>
    public void AddProtected(string type, string value, string status) =>
        _indicators[(type, value)] = new ThreatQIndicator(++_nextId) { Status = status, IsProtected = true };

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { Method: "POST", Path: "/api/token" })
        {
            return GiveToken(request);
        }

        if (request.Header("Authorization") is not string header || !header.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.Contains(header["Bearer ".Length..]))
        {
            return ProductAnswer.Json(401, """{"error":"access_denied","error_description":"The resource owner or authorization server denied the request."}""");
        }

        return (request.Method, request.Path) switch
        {
            ("GET", "/api/indicator/types") => Names(_types),
            ("GET", "/api/indicator/statuses") => Names(_statuses),
            ("GET", "/api/users/current") => ProductAnswer.Json(200, new JsonObject
            {
                ["data"] = new JsonArray(new JsonObject { ["email"] = email, ["role"] = IsReadOnly ? "read-only" : "maintenance" }),
            }.ToJsonString()),
            ("POST", "/api/indicators/consume") => IsReadOnly ? Forbidden() : Consume(request),
            ("GET", "/api/events") => ProductAnswer.Json(200, new JsonObject
            {
                ["data"] = new JsonArray([.. _events.Where(posted => request.Query("title") is not string title || (string?)posted["title"] == title).Select(posted => posted.DeepClone())]),
            }.ToJsonString()),
            ("POST", "/api/events") => IsReadOnly ? Forbidden() : AddEvent(request),
            _ => ProductAnswer.Json(404, """{"errors":["Not found"]}"""),
        };
    }

    private static ProductAnswer Forbidden() => ProductAnswer.Json(403, """{"errors":["You do not have permission to perform this action"]}""");

    private static ProductAnswer Names(string[] names) => ProductAnswer.Json(200, new JsonObject
    {
        ["total"] = names.Length,
        ["data"] = new JsonArray([.. names.Select((name, index) => (JsonNode)new JsonObject { ["id"] = index + 1, ["name"] = name })]),
    }.ToJsonString());

    private ProductAnswer GiveToken(ProductRequest request)
    {
        TokenRequests++;
        using var document = JsonDocument.Parse(request.Body);
        var body = document.RootElement;
        var isUser = Text(body, "grant_type") == "password" && Text(body, "email") == email && Text(body, "password") == password;
        var isClient = Text(body, "grant_type") == "client_credentials" && Text(body, "client_secret") == password;
        if (Text(body, "client_id") != clientId || !(isUser || isClient))
        {
            return ProductAnswer.Json(401, """{"error":"invalid_credentials"}""");
        }

        var token = Guid.NewGuid().ToString("N");
        _tokens.Add(token);
        return ProductAnswer.Json(200, string.Create(
            CultureInfo.InvariantCulture, $$"""{"access_token":"{{token}}","token_type":"Bearer","expires_in":{{TokenSeconds}}}"""));
    }

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    private ProductAnswer Consume(ProductRequest request)
    {
        var answers = new JsonArray();
        var errors = new JsonObject();
        var seen = new List<ThreatQIndicator>();
        var index = -1;
        foreach (var node in JsonNode.Parse(request.Body)!.AsArray())
        {
            index++;
            var item = node!.AsObject();
            var value = item["value"]?.GetValue<string>() ?? string.Empty;
            var typeId = item["type_id"]?.GetValue<int>() ?? 0;
            if (value.Length == 0 || typeId < 1 || typeId > _types.Length || (Poison is not null && value.Contains(Poison, StringComparison.Ordinal)))
            {
                errors[index.ToString(CultureInfo.InvariantCulture)] = new JsonArray($"The value {value} is not valid.");
                continue;
            }

            var key = (_types[typeId - 1], value);
            if (!_indicators.TryGetValue(key, out var indicator))
            {
                indicator = _indicators[key] = new ThreatQIndicator(++_nextId);
            }

            Merge(indicator, item);
            seen.Add(indicator);
            answers.Add(new JsonObject
            {
                ["id"] = indicator.Id,
                ["type_id"] = typeId,
                ["value"] = value,
                ["status_id"] = Array.IndexOf(_statuses, indicator.Status) + 1,
            });
        }

        return ProductAnswer.Json(201, new JsonObject { ["total"] = answers.Count, ["data"] = answers, ["errors"] = errors.Count == 0 ? null : errors }.ToJsonString());
    }

    private static void Merge(ThreatQIndicator indicator, JsonObject item)
    {
        if (!indicator.IsProtected)
        {
            indicator.Status = item["status_id"]?.GetValue<int>() is int status && status >= 1 && status <= _statuses.Length ? _statuses[status - 1] : "Indirect";
        }

        foreach (var attribute in item["attributes"]?.AsArray() ?? [])
        {
            indicator.Attributes.Add((attribute!["name"]!.GetValue<string>(), attribute["value"]!.GetValue<string>()));
        }

        foreach (var source in item["sources"]?.AsArray() ?? [])
        {
            indicator.Sources.Add(source!["name"]!.GetValue<string>());
        }
    }

    private ProductAnswer AddEvent(ProductRequest request)
    {
        var posted = JsonNode.Parse(request.Body)!.AsObject();
        if (posted["title"]?.GetValue<string>() is not { Length: > 0 } title || posted["type"] is null || posted["happened_at"] is null)
        {
            return ProductAnswer.Json(400, """{"data":{"errors":{"title":["The title, type and happened_at are required."]}}}""");
        }

        if (Poison is not null && request.Text.Contains(Poison, StringComparison.Ordinal))
        {
            return ProductAnswer.Json(200, """{"data":{"errors":{"title":["The title is not valid."]}}}""");
        }

        posted["id"] = ++_nextId;
        _events.Add(posted);
        return ProductAnswer.Json(201, new JsonObject
        {
            ["total"] = 1,
            ["data"] = new JsonArray(new JsonObject { ["id"] = _nextId, ["title"] = title }),
        }.ToJsonString());
    }
}
