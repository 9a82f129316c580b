using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The indicators of Defender for Endpoint: one for each value, whoever made it; an import replaces without asking, and has a verdict for each entry inside an
/// answer of success. The tenant has room for so many and no more.
/// </summary>
/// <param name="login">Gives the tokens.</param>
public sealed class DefenderService(EntraLogin login) : ISimulatedProduct
{
    private static readonly string[] _types = ["FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url"];
    private static readonly string[] _actions = ["Allowed", "Audit", "Warn", "Block", "BlockAndRemediate"];

    private readonly Dictionary<string, JsonObject> _indicators = new(StringComparer.OrdinalIgnoreCase);
    private int _last;

    /// <summary>By type and value.</summary>
    public IReadOnlyDictionary<string, JsonObject> Indicators => _indicators;

    /// <summary>An indicator that holds this text is refused.</summary>
    public string? Poison { get; init; }

    /// <summary>Room of the tenant.</summary>
    public int Room { get; set; } = 15_000;

    /// <summary>Rows of one page.</summary>
    public int PageSize { get; init; } = 10_000;

    public bool IsReadOnly { get; set; }

    public Func<DateTimeOffset> Now { get; init; } = () => DateTimeOffset.UtcNow;

    /// <summary>Values that are there and have not ended.</summary>
    public IEnumerable<string> Active => _indicators.Values.Where(IsActive).Select(indicator => (string)indicator["indicatorValue"]!);

    /// <summary>An analyst makes an indicator.</summary>
    public void AddOfOther(string type, string value, string action) => _indicators[$"{type}/{value}"] = new JsonObject
    {
        ["id"] = NextId(),
        ["indicatorValue"] = value,
        ["indicatorType"] = type,
        ["action"] = action,
        ["title"] = "By an analyst",
        ["createdBy"] = "analyst@contoso.example",
    };

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (login.Answer(request) is { } answer)
        {
            return answer;
        }

        if (!login.Knows(request))
        {
            return Error(401, "Unauthorized", "Invalid token.");
        }

        string[] parts = [.. request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return (request.Method, parts) switch
        {
            ("GET", ["api", "indicators"]) => List(int.Parse(request.Query("$skip") ?? "0", CultureInfo.InvariantCulture)),
            _ when IsReadOnly => Error(403, "Forbidden", "Missing application roles. API required roles: Ti.ReadWrite"),
            ("POST", ["api", "indicators", "import"]) => Import(JsonNode.Parse(request.Text)![nameof(Indicators)]!.AsArray()),
            ("POST", ["api", "indicators", "BatchDelete"]) => Delete([.. JsonNode.Parse(request.Text)!["IndicatorIds"]!.AsArray().Select(id => (string)id!)]),
            ("DELETE", ["api", "indicators", var id]) => Delete([id]),
            _ => Error(404, "ResourceNotFound", "Unknown path."),
        };
    }

    private static ProductAnswer Error(int status, string code, string message) =>
        ProductAnswer.Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["target"] = "" } }.ToJsonString());

    private string NextId() => (++_last).ToString(CultureInfo.InvariantCulture);

    private bool IsActive(JsonObject indicator) => indicator["expirationTime"] is not JsonNode end || (DateTimeOffset)end > Now();

    private ProductAnswer List(int skip) => ProductAnswer.Json(200, new JsonObject
    {
        ["@odata.context"] = "indicators",
        ["value"] = new JsonArray([.. _indicators.Values.Where(IsActive).OrderBy(indicator => int.Parse((string)indicator["id"]!, CultureInfo.InvariantCulture)).Skip(skip).Take(PageSize).Select(indicator => indicator.DeepClone())]),
    }.ToJsonString());

    private ProductAnswer Import(JsonArray sent)
    {
        if (sent.Count is 0 or > 500)
        {
            return Error(400, "MaximumBatchSizeExceeded", "At most 500 indicators.");
        }

        var results = new JsonArray();
        foreach (var item in sent.Select(item => item!.AsObject()))
        {
            var key = $"{item["indicatorType"]}/{item["indicatorValue"]}";
            var failure = Failure(item, key);
            if (failure is null)
            {
                var stored = item.DeepClone().AsObject();
                stored["id"] = (string?)_indicators.GetValueOrDefault(key)?["id"] ?? NextId();
                stored["createdBy"] = "phishme-app";
                _indicators[key] = stored;
            }

            results.Add((JsonNode)new JsonObject
            {
                ["id"] = failure is null ? (string?)_indicators[key]["id"] : null,
                ["indicator"] = (string?)item["indicatorValue"],
                ["isFailed"] = failure is not null,
                ["failureReason"] = failure,
            });
        }

        return ProductAnswer.Json(200, new JsonObject { ["@odata.context"] = "import", ["value"] = results }.ToJsonString());
    }

    private string? Failure(JsonObject item, string key)
    {
        var (type, value, action) = ((string)item["indicatorType"]!, (string)item["indicatorValue"]!, (string?)item["action"]);
        return Poison is not null && value.Contains(Poison, StringComparison.Ordinal) ? "InvalidInput: the value is not allowed."
            : !_types.Contains(type) ? "InvalidInput: unknown type."
            : !_actions.Contains(action) ? "InvalidInput: unknown action."
            : string.IsNullOrEmpty((string?)item["title"]) || string.IsNullOrEmpty((string?)item["description"]) ? "InvalidInput: title and description are required."
            : action == "Audit" && (bool?)item["generateAlert"] != true ? "InvalidInput: Audit needs generateAlert."
            : action == "BlockAndRemediate" && !type.StartsWith("File", StringComparison.Ordinal) ? "InvalidInput: the action is for files."
            : type == "IpAddress" && !IPAddress.TryParse(value, out _) ? "InvalidIpAddress"
            : !_indicators.ContainsKey(key) && Active.Count() >= Room ? "Exceeded the maximum number of indicators of the tenant."
            : null;
    }

    /// <summary>Nothing is deleted when an id is unknown.</summary>
    private ProductAnswer Delete(string[] ids)
    {
        string[] keys = [.. ids.Select(id => _indicators.FirstOrDefault(indicator => (string?)indicator.Value["id"] == id).Key)];
        if (keys.Length is 0 or > 500)
        {
            return Error(400, "InvalidRequestBody", "1 to 500 ids.");
        }

        if (Array.Exists(keys, key => key is null))
        {
            return Error(404, "ResourceNotFound", "An indicator was not found.");
        }

        foreach (var key in keys)
        {
            _indicators.Remove(key);
        }

        return new ProductAnswer(204);
    }
}
