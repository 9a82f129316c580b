using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The upload API of Microsoft Sentinel: at most 100 objects a request and 100 requests a minute, errors by place inside an answer of success, and the pause of
/// a refusal in its words only. An id that was revoked stays so, whatever comes later.
/// </summary>
/// <param name="login">Gives the tokens.</param>
/// <param name="workspace">Id of the workspace.</param>
public sealed partial class SentinelWorkspace(EntraLogin login, string workspace) : ISimulatedProduct
{
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<DateTimeOffset> _requests = [];

    /// <summary>The newest version by source and id.</summary>
    public IReadOnlyDictionary<string, JsonObject> Objects => _objects;

    /// <summary>Versions taken so far: each is a row of the table.</summary>
    public int Rows { get; private set; }

    /// <summary>An object that holds this text is refused.</summary>
    public string? Poison { get; init; }

    /// <summary>The clock of the limit.</summary>
    public Func<DateTimeOffset> Now { get; init; } = () => DateTimeOffset.UtcNow;

    /// <summary>Requests per minute.</summary>
    public int PerMinute { get; init; } = 100;

    /// <summary>Requests that were refused because they came too fast.</summary>
    public int TooFast { get; private set; }

    public bool IsReadOnly { get; set; }

    /// <summary>What rules match: not revoked, valid now, and with a pattern that Sentinel can read.</summary>
    public IEnumerable<string> Live => _objects.Values
        .Where(item => (bool?)item["revoked"] != true && (DateTimeOffset)item["valid_until"]! > Now())
        .Select(item => OneComparison().Match((string)item["pattern"]!).Groups[1].Value.Replace("\\'", "'", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal));

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (login.Answer(request) is { } answer)
        {
            return answer;
        }

        if (!login.Knows(request))
        {
            return Error(401, "Unauthorized. Access token is missing or invalid.");
        }

        var now = Now();
        _requests.RemoveAll(time => time <= now.AddMinutes(-1));
        if (_requests.Count >= PerMinute)
        {
            TooFast++;
            var wait = Math.Ceiling((_requests[0].AddMinutes(1) - now).TotalSeconds);
            return Error(429, string.Create(CultureInfo.InvariantCulture, $"Rate limit is exceeded. Try again in {wait:0} seconds."));
        }

        _requests.Add(now);
        return request.Path != $"/workspaces/{workspace}/threat-intelligence-stix-objects:upload" || request.Query("api-version") is null
            ? Error(404, "Resource not found")
            : IsReadOnly ? Error(403, "The client does not have authorization to perform this action.")
            : Upload(JsonNode.Parse(request.Text)!.AsObject());
    }

    [GeneratedRegex(@"^\[(?:ipv4-addr:value|ipv6-addr:value|domain-name:value|url:value|email-addr:value|file:hashes\.'(?:MD5|SHA-1|SHA-256)') = '((?:[^'\\]|\\.)*)'\]$", RegexOptions.ExplicitCapture)]
    private static partial Regex Explicit();

    [GeneratedRegex(@"^\[[^=]+ = '((?:[^'\\]|\\.)*)'\]$")]
    private static partial Regex OneComparison();

    private static ProductAnswer Error(int status, string message) =>
        ProductAnswer.Json(status, new JsonObject { ["statusCode"] = status, ["message"] = message }.ToJsonString());

    private ProductAnswer Upload(JsonObject body)
    {
        var source = (string?)body["sourcesystem"];
        if (string.IsNullOrEmpty(source) || source == "Microsoft Sentinel" || body["stixobjects"] is not JsonArray { Count: <= 100 } objects)
        {
            return Error(400, "The request body is not valid.");
        }

        var errors = new JsonArray();
        for (var i = 0; i < objects.Count; i++)
        {
            var item = objects[i]!.AsObject();
            if (Refusal(item) is { } words)
            {
                errors.Add((JsonNode)new JsonObject { ["recordIndex"] = i, ["errorMessages"] = new JsonArray(words) });
            }
            else
            {
                Take($"{source}---{item["id"]}", item);
            }
        }

        return errors.Count == objects.Count && objects.Count > 1 && Poison is null ? Error(400, "No object is valid.")
            : errors.Count == 0 ? new ProductAnswer(200)
            : ProductAnswer.Json(200, new JsonObject { ["errors"] = errors }.ToJsonString());
    }

    private void Take(string key, JsonObject item)
    {
        // STIX 2.1, 3.6: no version follows a revocation. And the newest version counts.
        if (_objects.TryGetValue(key, out var known)
            && ((bool?)known["revoked"] == true || (DateTimeOffset)known["modified"]! >= (DateTimeOffset)item["modified"]!))
        {
            return;
        }

        Rows++;
        _objects[key] = item.DeepClone().AsObject();
    }

    private string? Refusal(JsonObject item)
    {
        foreach (var name in (string[])["id", "type", "created", "modified", "pattern", "pattern_type", "valid_from"])
        {
            if (string.IsNullOrEmpty((string?)item[name]))
            {
                return $"Required property {name} is missing.";
            }
        }

        return Poison is not null && item.ToJsonString().Contains(Poison, StringComparison.Ordinal) ? "Error for property=pattern: not valid."
            : item["valid_until"] is JsonNode end && (DateTimeOffset)end <= (DateTimeOffset)item["valid_from"]! ? "valid_until has to be later than valid_from."
            : !((string)item["id"]!).StartsWith("indicator--", StringComparison.Ordinal) || !Guid.TryParse(((string)item["id"]!)["indicator--".Length..], out _) ? "id is not valid."
            : !Explicit().IsMatch((string)item["pattern"]!) ? "pattern cannot be read." : null;
    }
}
