using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace PhishMe.Simulator.Products;

/// <summary>
/// CRITs as its public source has it: form bodies, 200 also for failures, indicators merged by type and value. Each post of a known source adds another
/// instance to that source; values are kept in lower case; the impact of an indicator only rises.
/// </summary>
/// <param name="user">The user name.</param>
/// <param name="key">The API key.</param>
public sealed class CritsService(string user, string key) : ISimulatedProduct
{
    private static readonly string[] _indicatorTypes = ["Domain", "IPv4 Address", "IPv6 Address", "URI", "Email Address", "Email Subject"];
    private static readonly string[] _threatTypes = ["Malicious Domain", "Malicious IP", "Malicious URL", "Bad Actor", "Unknown"];
    private static readonly string[] _statuses = ["New", "In Progress", "Analyzed", "Deprecated"];
    private static readonly string[] _impacts = ["unknown", "benign", "low", "medium", "high"];

    private readonly Dictionary<string, string> _campaigns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CritsRecord> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, string Value), CritsRecord> _indicators = [];
    private int _nextId;

    /// <summary>Descriptions by name.</summary>
    public IReadOnlyDictionary<string, string> Campaigns => _campaigns;

    /// <summary>Files by MD5.</summary>
    public IReadOnlyDictionary<string, CritsRecord> Samples => _samples;

    /// <summary>Indicators by type and value in lower case.</summary>
    public IReadOnlyDictionary<(string Type, string Value), CritsRecord> Indicators => _indicators;

    /// <summary>Things that came before the campaign that they name.</summary>
    public int BeforeTheirCampaign { get; private set; }

    /// <summary>An indicator or sample that holds this text is refused, with 200.</summary>
    public string? Poison { get; init; }

    /// <summary>Whether the user may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>An indicator that somebody else made.</summary>
    public void AddOfOther(string type, string value, string source) =>
        _indicators[(type, value)] = new CritsRecord(NewId()) { Status = "Analyzed", Sources = { [source] = 1 } };

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isHeader = request.Header("Authorization") == $"ApiKey {user}:{key}";
        if (!isHeader && (request.Query("username") != user || request.Query("api_key") != key))
        {
            return new ProductAnswer(401, "text/html; charset=utf-8");
        }

        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (IsReadOnly && request.Method != "GET")
        {
            return Failed("Core", "User does not have permission to create Object.");
        }

        return (request.Method, parts) switch
        {
            ("POST", ["api", "v1", "campaigns"]) => AddCampaign(Form(request)),
            ("POST", ["api", "v1", "samples"]) => AddSample(Form(request)),
            ("POST", ["api", "v1", "indicators"]) => AddIndicator(Form(request)),
            ("GET", ["api", "v1", "campaigns"]) => List([]),
            ("GET", ["api", "v1", "indicators"]) => Find(request),
            ("GET", ["api", "v1", "samples"]) => FindSample(request),
            ("PATCH", ["api", "v1", "indicators" or "samples", var id]) => Change(id, request),
            _ => ProductAnswer.Page(404, "Not Found"),
        };
    }

    private static Dictionary<string, string> Form(ProductRequest request) => request.Header("Content-Type") == "application/x-www-form-urlencoded"
        ? QueryHelpers.ParseQuery(request.Text).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal)
        : [];

    private static ProductAnswer Failed(string type, string message) =>
        ProductAnswer.Json(200, new JsonObject { ["return_code"] = 1, ["type"] = type, ["message"] = message }.ToJsonString());

    private static ProductAnswer Done(string type, string id, string message) => ProductAnswer.Json(200, new JsonObject
    {
        ["return_code"] = 0,
        ["type"] = type,
        ["message"] = message,
        ["id"] = id,
        ["url"] = $"/api/v1/{type.ToLowerInvariant()}s/{id}/",
    }.ToJsonString());

    private static ProductAnswer List(JsonArray objects) => ProductAnswer.Json(200, new JsonObject
    {
        ["meta"] = new JsonObject { ["limit"] = 20, ["offset"] = 0, ["total_count"] = objects.Count },
        ["objects"] = objects,
    }.ToJsonString());

    private static bool IsAddress(string value) => value.Split('.') is { Length: 4 } parts && parts.All(part => byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private string NewId() => (++_nextId).ToString("x24", CultureInfo.InvariantCulture);

    private ProductAnswer AddCampaign(Dictionary<string, string> form)
    {
        if (!form.TryGetValue("name", out var name) || name.Trim().Length == 0)
        {
            return Failed("Campaign", "Need a Campaign name.");
        }

        var isNew = _campaigns.TryAdd(name, form.GetValueOrDefault("description", string.Empty));
        return Done("Campaign", NewId(), isNew ? "Campaign created successfully!" : "Campaign updated successfully!");
    }

    private ProductAnswer AddSample(Dictionary<string, string> form)
    {
        var md5 = form.GetValueOrDefault("md5", string.Empty).ToLowerInvariant();
        if (form.GetValueOrDefault("upload_type") != "metadata")
        {
            return Failed("Sample", "Not a valid upload type.");
        }

        if (md5.Length != 32 || !md5.All(char.IsAsciiHexDigitLower))
        {
            return Failed("Sample", "Need a valid MD5.");
        }

        if (Refusal(form) is string refusal)
        {
            return Failed("Sample", refusal);
        }

        var sample = _samples.TryGetValue(md5, out var known) ? known : _samples[md5] = new CritsRecord(NewId());
        Merge(sample, form);
        return Done("Sample", sample.Id, "Success: Added new sample.");
    }

    private ProductAnswer AddIndicator(Dictionary<string, string> form)
    {
        var type = form.GetValueOrDefault("type", string.Empty);
        var value = form.GetValueOrDefault("value", string.Empty).Trim().ToLowerInvariant();
        var threatType = form.GetValueOrDefault("threat_type", "Unknown");
        var refusal = Refusal(form)
            ?? (value.Length == 0 ? "Can't create indicator with an empty value field" : null)
            ?? (!_indicatorTypes.Contains(type) ? $"Not a valid Indicator Type: {type}" : null)
            ?? (!_threatTypes.Contains(threatType) ? $"Not a valid Indicator Threat Type: {threatType}" : null)
            ?? (type == "IPv4 Address" && !IsAddress(value) ? "Invalid IPv4 address" : null)
            ?? (type == "URI" && !value.Contains("://", StringComparison.Ordinal) ? "URI must contain protocol prefix (e.g. http://, https://, ftp://)" : null);
        if (refusal is not null)
        {
            return Failed("Indicator", refusal);
        }

        var indicator = _indicators.TryGetValue((type, value), out var known) ? known : _indicators[(type, value)] = new CritsRecord(NewId());
        Merge(indicator, form);
        return Done("Indicator", indicator.Id, string.Empty);
    }

    private string? Refusal(Dictionary<string, string> form) =>
        form.GetValueOrDefault("source", string.Empty).Length == 0 ? "Missing source information."
        : Poison is not null && form.Values.Any(value => value.Contains(Poison, StringComparison.Ordinal)) ? "Invalid value"
        : null;

    private void Merge(CritsRecord record, Dictionary<string, string> form)
    {
        record.Fields = form;
        var source = form["source"];
        record.Sources[source] = record.Sources.GetValueOrDefault(source) + 1;
        if (form.TryGetValue("campaign", out var campaign))
        {
            BeforeTheirCampaign += _campaigns.ContainsKey(campaign) ? 0 : 1;
            record.Campaigns.Add(campaign);
        }

        var impact = form.GetValueOrDefault("indicator_impact", "unknown");
        if (Array.IndexOf(_impacts, impact) > Array.IndexOf(_impacts, record.Impact))
        {
            record.Impact = impact;
        }
    }

    private ProductAnswer Find(ProductRequest request)
    {
        var type = request.Query("c-type")?.Trim('"');
        var value = request.Query("c-value")?.Trim('"');
        var id = request.Query("c-_id");
        var found = _indicators.Where(pair => (id is null || pair.Value.Id == id) && (type is null || pair.Key.Type == type) && (value is null || pair.Key.Value == value)).Take(20);
        return List([.. found.Select(pair => Described(pair.Value, ("type", pair.Key.Type), ("value", pair.Key.Value)))]);
    }

    private ProductAnswer FindSample(ProductRequest request)
    {
        var (id, md5) = (request.Query("c-_id"), request.Query("c-md5"));
        var found = _samples.Where(pair => (id is null || pair.Value.Id == id) && (md5 is null || pair.Key == md5)).Take(20);
        return List([.. found.Select(pair => Described(pair.Value, ("md5", pair.Key)))]);
    }

    private static JsonNode Described(CritsRecord record, params ReadOnlySpan<(string Name, string Value)> names)
    {
        var described = new JsonObject
        {
            ["_id"] = record.Id,
            ["status"] = record.Status,
            ["source"] = new JsonArray([.. record.Sources.Keys.Select(name => (JsonNode)new JsonObject { ["name"] = name })]),
        };
        foreach (var (name, value) in names)
        {
            described[name] = value;
        }

        return described;
    }

    private ProductAnswer Change(string id, ProductRequest request)
    {
        var indicator = _indicators.Values.Concat(_samples.Values).FirstOrDefault(candidate => candidate.Id == id);
        if (indicator is null)
        {
            return Failed("Indicator", "Could not find object.");
        }

        using var body = JsonDocument.Parse(request.Body);
        if (body.RootElement.GetProperty("action").GetString() != "status_update")
        {
            return Failed("Indicator", "Not a valid action.");
        }

        var status = body.RootElement.GetProperty("value").GetString()!;
        if (!_statuses.Contains(status))
        {
            return Failed("Indicator", "Invalid status.");
        }

        indicator.Status = status;
        return Done("Indicator", id, "success!");
    }
}
