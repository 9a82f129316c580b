using System.Globalization;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The feeds of a Carbon Black server. It reads a feed when it is synchronized: incrementally it sees new ids and newer times only; what left a feed is
/// forgotten by a full synchronization alone.
/// </summary>
/// <param name="token">The API token of an administrator.</param>
public sealed class CarbonBlackFeeds(string token) : ISimulatedProduct
{
    private static readonly HashSet<string> _members = new(StringComparer.Ordinal)
    {
        "id", "name", "feed_url", "enabled", "manually_added", "use_proxy", "validate_server_cert", "username", "password", "ssl_client_crt", "ssl_client_key",
        "provider_url", "display_name", "summary", "tech_data", "category", "icon", "order", "local_rating",
    };

    private readonly Dictionary<int, JsonObject> _feeds = [];
    private readonly Dictionary<int, Dictionary<string, JsonNode>> _reports = [];

    /// <summary>The feeds by number.</summary>
    public IReadOnlyDictionary<int, JsonObject> Feeds => _feeds;

    /// <summary>Synchronizations so far: feed, and whether in full.</summary>
    public List<(int Feed, bool IsFull)> Synchronizations { get; } = [];

    /// <summary>The reports that the server matches against, over all feeds, by id.</summary>
    public IReadOnlyDictionary<string, JsonNode> Reports => _reports.Values.SelectMany(reports => reports).ToDictionary(StringComparer.Ordinal);

    /// <summary>A feed that an administrator made.</summary>
    public void AddOfOther(int id, string name, string url, bool isEnabled = true) => _feeds.Add(
        id, new JsonObject { ["id"] = id, ["name"] = name, ["feed_url"] = url, ["enabled"] = isEnabled, ["username"] = "reader", ["order"] = id });

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("X-Auth-Token") != token)
        {
            return ProductAnswer.Json(401, """{"reason":"unauthorized"}""");
        }

        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["api", "v1", "feed", .. var rest])
        {
            return ProductAnswer.Page(404, "<html>Not found</html>");
        }

        return (request.Method, rest) switch
        {
            ("GET", []) => ProductAnswer.Json(200, new JsonArray([.. _feeds.Values.Select(feed => feed.DeepClone())]).ToJsonString()),
            ("POST", []) => Create(request),
            ("PUT", [var id]) when FeedOf(id) is int feed => Change(feed, request),
            ("POST", [var id, "synchronize"]) when FeedOf(id) is int feed => Synchronize(feed, request),
            _ => ProductAnswer.Json(404, """{"reason":"not found"}"""),
        };
    }

    private static JsonObject? BodyOf(ProductRequest request) =>
        request.Header("Content-Type") == "application/json" && JsonNode.Parse(request.Body) is JsonObject body && body.All(member => _members.Contains(member.Key)) ? body : null;

    private int? FeedOf(string id) => int.TryParse(id, CultureInfo.InvariantCulture, out var number) && _feeds.ContainsKey(number) ? number : null;

    private ProductAnswer Create(ProductRequest request)
    {
        if (BodyOf(request) is not JsonObject body || body["feed_url"] is null)
        {
            return ProductAnswer.Json(400, """{"reason":"invalid feed"}""");
        }

        var id = _feeds.Count == 0 ? 1 : _feeds.Keys.Max() + 1;
        body["id"] = id;
        _feeds.Add(id, (JsonObject)body.DeepClone());
        return ProductAnswer.Json(200, body.ToJsonString());
    }

    private ProductAnswer Change(int id, ProductRequest request)
    {
        if (BodyOf(request) is not JsonObject body || (int?)body["id"] != id)
        {
            return ProductAnswer.Json(400, """{"reason":"invalid feed"}""");
        }

        _feeds[id] = (JsonObject)body.DeepClone();
        return ProductAnswer.Json(200, """{"result":"success"}""");
    }

    private ProductAnswer Synchronize(int id, ProductRequest request)
    {
        if ((bool?)_feeds[id]["enabled"] != true)
        {
            return ProductAnswer.Json(409, """{"reason":"feed is disabled"}""");
        }

        var isFull = (bool)JsonNode.Parse(request.Body)!["full_sync"]!;
        var held = _reports.TryGetValue(id, out var known) && !isFull ? known : [];
        foreach (var report in JsonNode.Parse(File.ReadAllText(new Uri((string)_feeds[id]["feed_url"]!).LocalPath))!["reports"]!.AsArray())
        {
            var name = (string)report!["id"]!;
            if (!held.TryGetValue(name, out var old) || (long)report["timestamp"]! > (long)old["timestamp"]!)
            {
                held[name] = report.DeepClone();
            }
        }

        _reports[id] = held;
        Synchronizations.Add((id, isFull));
        return ProductAnswer.Json(200, """{"result":"success"}""");
    }
}
