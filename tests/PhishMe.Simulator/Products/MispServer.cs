using System.Globalization;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The REST interface of MISP, as its source reads: an event of a known uuid is answered with 404 and its place; an edit is taken only when it is strictly newer,
/// and merges by the uuid of attributes; an attribute that is not strictly newer is skipped without a word; what is deleted stays and is marked.
/// </summary>
/// <param name="key">The authentication key.</param>
public sealed class MispServer(string key) : ISimulatedProduct
{
    private readonly SortedDictionary<string, JsonObject> _events = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blocked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Events by uuid.</summary>
    public IReadOnlyDictionary<string, JsonObject> Events => _events;

    /// <summary>Epoch seconds of the server, for what it stamps itself.</summary>
    public Func<long> Now { get; init; } = () => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>An event whose info or attribute holds this text is refused.</summary>
    public string? Poison { get; init; }

    /// <summary>An attribute that holds this text is left out, with an error beside the event.</summary>
    public string? BadAttribute { get; init; }

    public bool IsReadOnly { get; set; }

    public bool MayPublish { get; set; } = true;

    /// <summary>Numbers of published events.</summary>
    public IList<string> Published { get; } = [];

    /// <summary>Someone deletes an event, which puts it on the block list.</summary>
    public void Delete(string uuid)
    {
        _events.Remove(uuid);
        _blocked.Add(uuid);
    }

    /// <summary>Attributes of an event that are not deleted.</summary>
    public static IEnumerable<JsonObject> Live(JsonObject anEvent)
    {
        ArgumentNullException.ThrowIfNull(anEvent);
        return Attributes(anEvent).Where(attribute => !(bool)attribute["deleted"]!);
    }

    public static IEnumerable<JsonObject> Attributes(JsonObject anEvent)
    {
        ArgumentNullException.ThrowIfNull(anEvent);
        return anEvent["Attribute"]!.AsArray().Select(attribute => attribute!.AsObject());
    }

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") != key)
        {
            return Error(403, "Authentication failed. Please make sure you pass the API key of an API enabled user along in the Authorization header.");
        }

        var body = request.Body.Length == 0 ? [] : JsonNode.Parse(request.Text)!.AsObject();
        string[] parts = [.. request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        return (request.Method, parts) switch
        {
            ("GET", ["users", "view", "me.json"]) => Me(),
            _ when IsReadOnly => Error(403, "You do not have permission to use this functionality."),
            ("POST", ["events", "add"]) => Add(body["Event"]!.AsObject()),
            ("POST", ["events", "view", var id]) => Find(id) is { } found ? Json(View(found, body["deleted"] is JsonArray deleted && deleted.Any(state => (int)state! == 1))) : Error(404, "Invalid event"),
            ("POST", ["events", "edit", var id]) => Find(id) is { } stored ? Edit(stored, body["Event"]!.AsObject()) : Error(404, "Invalid event"),
            ("POST", ["events", "publish", var id]) => !MayPublish ? Error(403, "You do not have permission to use this functionality.") : Publish(id),
            _ => Error(404, "Unknown path"),
        };
    }

    private static ProductAnswer Json(JsonObject json) => ProductAnswer.Json(200, json.ToJsonString());

    private static ProductAnswer Error(int status, string text) =>
        ProductAnswer.Json(status, new JsonObject { ["name"] = text, ["message"] = text, ["url"] = "/events" }.ToJsonString());

    private static ProductAnswer NotSaved(string what, string message) =>
        ProductAnswer.Json(403, new JsonObject { ["saved"] = false, ["name"] = $"Could not {what} Event", ["message"] = message, ["errors"] = message }.ToJsonString());

    private ProductAnswer Me() => Json(new JsonObject
    {
        ["User"] = new JsonObject { ["email"] = "feeder@misp.example" },
        ["Role"] = new JsonObject { ["name"] = "Publisher", ["perm_add"] = !IsReadOnly, ["perm_modify"] = !IsReadOnly, ["perm_publish"] = MayPublish, ["perm_tagger"] = true },
    });

    private JsonObject? Find(string id) => _events.GetValueOrDefault(id) ?? _events.Values.FirstOrDefault(anEvent => (string?)anEvent["id"] == id);

    private static JsonObject View(JsonObject stored, bool withDeleted)
    {
        var shown = stored.DeepClone().AsObject();
        if (!withDeleted)
        {
            shown["Attribute"] = new JsonArray([.. Live(stored).Select(attribute => attribute.DeepClone())]);
        }

        return new JsonObject { ["Event"] = shown };
    }

    private ProductAnswer Add(JsonObject sent)
    {
        var uuid = (string)sent["uuid"]!;
        if (_blocked.Contains(uuid))
        {
            return Error(403, "Event blocked by event blocklist.");
        }

        if (_events.TryGetValue(uuid, out var known))
        {
            return ProductAnswer.Json(404, """{"name":"Event already exists, if you would like to edit it, use the url in the location header.","message":"","url":"/events/add"}""") with
            {
                Headers = [new("Location", $"/events/{known["id"]}")],
            };
        }

        if (Refusal(sent) is { } refusal)
        {
            return refusal;
        }

        var stored = new JsonObject { ["id"] = (_events.Count + 1).ToString(CultureInfo.InvariantCulture), ["uuid"] = uuid, ["Attribute"] = new JsonArray(), ["published"] = false };
        Copy(sent, stored);
        stored["timestamp"] = (string?)sent["timestamp"] ?? Stamp(Now());
        var errors = Merge(stored, sent);
        _events.Add(uuid, stored);
        return Saved(stored, errors);
    }

    private ProductAnswer Edit(JsonObject stored, JsonObject sent)
    {
        if (sent["timestamp"] is JsonNode given && Number(given) <= Number(stored["timestamp"]!))
        {
            return NotSaved("edit", "Event could not be saved: Event in the request not newer than the local copy.");
        }

        if (Refusal(sent) is { } refusal)
        {
            return refusal;
        }

        Copy(sent, stored);
        stored["timestamp"] = (string?)sent["timestamp"] ?? Stamp(Now());
        stored["published"] = (bool?)sent["published"] ?? false;
        return Saved(stored, Merge(stored, sent));
    }

    private ProductAnswer? Refusal(JsonObject sent) => Poison is not null && sent.ToJsonString().Contains(Poison, StringComparison.Ordinal)
        ? NotSaved("save", "The event could not be saved: validation of the event failed.")
        : null;

    private static ProductAnswer Saved(JsonObject stored, JsonObject errors)
    {
        var answer = View(stored, withDeleted: false);
        if (errors.Count > 0)
        {
            answer["errors"] = new JsonObject { ["Attribute"] = errors };
        }

        return Json(answer);
    }

    private ProductAnswer Publish(string id)
    {
        if (Find(id) is not { } stored)
        {
            return Error(404, "Invalid event");
        }

        stored["published"] = true;
        Published.Add((string)stored["id"]!);
        return Json(new JsonObject { ["saved"] = true, ["success"] = true, ["name"] = "Job queued", ["message"] = "Job queued", ["url"] = $"/events/alert/{id}" });
    }

    private static string Stamp(long seconds) => seconds.ToString(CultureInfo.InvariantCulture);

    private static long Number(JsonNode node) => long.Parse((string)node!, CultureInfo.InvariantCulture);

    private static void Copy(JsonObject sent, JsonObject stored)
    {
        foreach (var name in new[] { "info", "date", "threat_level_id", "analysis", "distribution", "Orgc" }.Where(name => sent[name] is not null))
        {
            stored[name] = sent[name]!.DeepClone();
        }

        // Tags are added, never removed.
        var tags = stored["Tag"]?.AsArray() ?? [];
        var names = tags.Select(tag => (string)tag!["name"]!).ToHashSet(StringComparer.Ordinal);
        foreach (var tag in (sent["Tag"]?.AsArray() ?? []).Where(tag => names.Add((string)tag!["name"]!)))
        {
            tags.Add(tag!.DeepClone());
        }

        stored["Tag"] = tags.DeepClone();
    }

    /// <summary>Attributes by uuid: unknown ones are added unless the same value is there already, known ones are replaced when they are strictly newer.</summary>
    private JsonObject Merge(JsonObject stored, JsonObject sent)
    {
        var errors = new JsonObject();
        var held = stored["Attribute"]!.AsArray();
        var place = 0;
        foreach (var attribute in (sent["Attribute"]?.AsArray() ?? []).Select(attribute => attribute!.AsObject()))
        {
            var index = (place++).ToString(CultureInfo.InvariantCulture);
            var known = held.FirstOrDefault(other => (string?)other!["uuid"] == (string?)attribute["uuid"])?.AsObject();
            if (BadAttribute is not null && ((string)attribute["value"]!).Contains(BadAttribute, StringComparison.Ordinal))
            {
                errors[index] = new JsonObject { ["value"] = new JsonArray("Value is not valid for this type.") };
            }
            else if (known is null)
            {
                if (Live(stored).Any(other => (string?)other["value"] == (string?)attribute["value"] && (string?)other["type"] == (string?)attribute["type"] && (string?)other["category"] == (string?)attribute["category"]))
                {
                    errors[index] = new JsonObject { ["value"] = new JsonArray("A similar attribute already exists for this event.") };
                    continue;
                }

                var added = attribute.DeepClone().AsObject();
                added["deleted"] ??= false;
                held.Add((JsonNode)added);
            }
            else if (Number(attribute["timestamp"]!) > Number(known["timestamp"]!))
            {
                foreach (var (name, value) in attribute)
                {
                    known[name] = value?.DeepClone();
                }
            }
        }

        return errors;
    }
}
