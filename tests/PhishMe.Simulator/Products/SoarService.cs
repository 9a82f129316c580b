using System.Globalization;
using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>
/// Splunk SOAR (Phantom): a container is known by its identifier, and a second one with it is refused with the id of the first. Artifacts that are posted by
/// themselves are not compared with those that are there. Playbooks run when an artifact asks for it, and after the artifacts of a new container.
/// </summary>
/// <param name="token">The token of the automation user.</param>
public sealed class SoarService(string token) : ISimulatedProduct
{
    private static readonly string[] _severities = ["high", "medium", "low"];

    private readonly List<SoarContainer> _containers = [];
    private int _nextArtifact;

    public IReadOnlyList<SoarContainer> Containers => _containers;

    /// <summary>Goes back to containers that were copied before.</summary>
    public void Restore(IEnumerable<SoarContainer> containers)
    {
        SoarContainer[] copies = [.. containers.Select(container => container.Copy())];
        _containers.Clear();
        _containers.AddRange(copies);
    }

    /// <summary>Labels that exist.</summary>
    public IReadOnlySet<string> Labels { get; init; } = new HashSet<string>(StringComparer.Ordinal) { "events" };

    /// <summary>Whether the user may only read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>What holds this text is refused.</summary>
    public string? Poison { get; init; }

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("ph-auth-token") != token)
        {
            return Failed(401, "Invalid token");
        }

        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (request.Method != "GET" && IsReadOnly)
        {
            return Failed(403, "You do not have permission to perform this action");
        }

        return (request.Method, parts) switch
        {
            ("GET", ["rest", "container_options"]) => ProductAnswer.Json(200, new JsonObject
            {
                ["label"] = new JsonArray([.. Labels.Select(label => (JsonNode)label)]),
                ["status"] = new JsonArray("new", "open", "closed"),
            }.ToJsonString()),
            ("GET", ["rest", "container"]) => Page([.. _containers.Where(container => Matches(request, "_filter_source_data_identifier", container.Identifier)).Select(Described)]),
            ("GET", ["rest", "container", var id]) => Find(id) is SoarContainer container ? ProductAnswer.Json(200, Described(container).ToJsonString()) : Failed(404, "Container not found"),
            ("GET", ["rest", "artifact"]) => FindArtifacts(request),
            ("POST", ["rest", "container"]) => AddContainer(Body(request)),
            ("POST", ["rest", "container", var id]) => Change(id, Body(request)),
            ("POST", ["rest", "artifact"]) => AddArtifact(Body(request)),
            _ => Failed(404, "Not found"),
        };
    }

    private static JsonObject Body(ProductRequest request) => JsonNode.Parse(request.Body)!.AsObject();

    private static ProductAnswer Failed(int status, string message, int? existing = null)
    {
        var body = new JsonObject { ["failed"] = true, ["message"] = message };
        if (existing is not null)
        {
            body["existing_container_id"] = existing;
        }

        return ProductAnswer.Json(status, body.ToJsonString());
    }

    private static ProductAnswer Done(int id) => ProductAnswer.Json(200, string.Create(CultureInfo.InvariantCulture, $$"""{"success":true,"id":{{id}}}"""));

    private static ProductAnswer Page(JsonNode[] data) => ProductAnswer.Json(200, new JsonObject
    {
        ["count"] = data.Length,
        ["num_pages"] = 1,
        ["data"] = new JsonArray(data),
    }.ToJsonString());

    private static JsonNode Described(SoarContainer container) => new JsonObject
    {
        ["id"] = container.Id,
        ["source_data_identifier"] = container.Identifier,
        ["status"] = container.Status,
        ["tags"] = new JsonArray([.. container.Tags.Select(tag => (JsonNode)tag)]),
    };

    /// <summary>Texts stand in quotes in a filter, numbers do not.</summary>
    private static bool Matches(ProductRequest request, string filter, string value) => request.Query(filter) is not string wanted || wanted == $"\"{value}\"";

    private ProductAnswer AddContainer(JsonObject body)
    {
        if (body["name"] is null || body["label"]?.GetValue<string>() is not string label)
        {
            return Failed(400, "name and label are required");
        }

        if (!Labels.Contains(label))
        {
            return Failed(400, $"Label \"{label}\" does not exist");
        }

        if (Poison is not null && body.ToJsonString().Contains(Poison, StringComparison.Ordinal))
        {
            return Failed(400, "invalid value");
        }

        var identifier = body["source_data_identifier"]!.GetValue<string>();
        if (_containers.Find(container => container.Identifier == identifier) is SoarContainer known)
        {
            return Failed(400, "duplicate container", known.Id);
        }

        var added = new SoarContainer(_containers.Count + 1, identifier)
        {
            Name = body["name"]!.GetValue<string>(),
            Label = label,
            Description = body["description"]?.GetValue<string>() ?? string.Empty,
        };
        _containers.Add(added);
        foreach (var artifact in body["artifacts"]?.AsArray() ?? [])
        {
            Add(added, artifact!.AsObject());
        }

        added.Runs += added.Artifacts.Count > 0 ? 1 : 0;
        return Done(added.Id);
    }

    private ProductAnswer AddArtifact(JsonObject body)
    {
        if (body["container_id"]?.GetValue<int>() is not int id || _containers.Find(container => container.Id == id) is not SoarContainer container)
        {
            return Failed(400, "container_id is not valid");
        }

        if (body["severity"]?.GetValue<string>() is string severity && !_severities.Contains(severity))
        {
            return Failed(400, "severity is not valid");
        }

        if (Poison is not null && body.ToJsonString().Contains(Poison, StringComparison.Ordinal))
        {
            return Failed(400, "invalid value");
        }

        var runs = body["run_automation"]?.GetValue<bool>() == true;
        container.Runs += runs ? 1 : 0;
        return Done(Add(container, body));
    }

    private SoarContainer? Find(string id) => _containers.Find(candidate => candidate.Id.ToString(CultureInfo.InvariantCulture) == id);

    private int Add(SoarContainer container, JsonObject artifact)
    {
        artifact["id"] = ++_nextArtifact;
        container.Artifacts.Add(artifact.DeepClone().AsObject());
        return _nextArtifact;
    }

    private ProductAnswer Change(string id, JsonObject body)
    {
        if (Find(id) is not SoarContainer container)
        {
            return Failed(404, "Container not found");
        }

        container.Status = body["status"]?.GetValue<string>() ?? container.Status;
        container.Description = body["description"]?.GetValue<string>() ?? container.Description;
        if (body["tags"] is JsonArray tags)
        {
            container.Tags.Clear();
            container.Tags.UnionWith(tags.Select(tag => tag!.GetValue<string>()));
        }

        return Done(container.Id);
    }

    private ProductAnswer FindArtifacts(ProductRequest request)
    {
        var pageSize = int.Parse(request.Query("page_size") ?? "10", CultureInfo.InvariantCulture);
        var page = int.Parse(request.Query("page") ?? "0", CultureInfo.InvariantCulture);
        var container = request.Query("_filter_container_id") ?? request.Query("_filter_container");
        JsonObject[] found =
        [
            .. _containers.Where(candidate => container is null || candidate.Id.ToString(CultureInfo.InvariantCulture) == container)
                .SelectMany(candidate => candidate.Artifacts)
                .Where(artifact => Matches(request, "_filter_source_data_identifier", artifact["source_data_identifier"]!.GetValue<string>())),
        ];
        var shown = pageSize == 0 ? found : found.Skip(page * pageSize).Take(pageSize);
        return ProductAnswer.Json(200, new JsonObject
        {
            ["count"] = found.Length,
            ["num_pages"] = pageSize == 0 ? 1 : (found.Length + pageSize - 1) / pageSize,
            ["data"] = new JsonArray([.. shown.Select(artifact => artifact.DeepClone())]),
        }.ToJsonString());
    }
}
