using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace PhishMe.Simulator.Products;

/// <summary>The reference sets of a QRadar console, as IBM's samples have its API: tokens, types, 404, 409, 422, values in paths.</summary>
public sealed class QRadarConsole(string token) : ISimulatedProduct
{
    private const string Root = "/api/reference_data/sets";

    /// <summary>The sets by name: type and values.</summary>
    public Dictionary<string, (string Type, SortedSet<string> Values)> Sets { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a gateway in front of the console decodes paths once before the console does.</summary>
    public bool IsBehindDecodingGateway { get; init; }

    /// <summary>Whether the token may only read.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>A value with this text is refused, and the whole load with it.</summary>
    public string? Poison { get; set; }

    /// <summary>All values with their sets.</summary>
    public IReadOnlyList<string> Held => [.. Sets.SelectMany(set => set.Value.Values.Select(value => $"{set.Key}/{value}")).Order(StringComparer.Ordinal)];

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("SEC") != token)
        {
            return Problem(401, 18, "You are unauthorized to access the requested resource.");
        }

        var path = IsBehindDecodingGateway ? Uri.UnescapeDataString(request.Path) : request.Path;
        if (path == Root)
        {
            return request.Method == "POST" ? Create(request)
                : ProductAnswer.Json(200, $"[{string.Join(',', Sets.Keys.Select(name => JsonSerializer.Serialize(new Dictionary<string, string> { ["name"] = name })))}]");
        }

        if (!path.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            return ProductAnswer.Page(404, "Not Found");
        }

        return (request.Method, path[(Root.Length + 1)..].Split('/')) switch
        {
            ("POST", ["bulk_load", var name]) => Load(Uri.UnescapeDataString(name), request.Body),
            ("GET", [var name]) => Show(Uri.UnescapeDataString(name)),
            ("DELETE", [var name, var value]) => Remove(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value)),
            _ => ProductAnswer.Page(404, "Not Found"),
        };
    }

    private static ProductAnswer Problem(int status, int code, string description) => ProductAnswer.Json(
        status, string.Create(CultureInfo.InvariantCulture, $$"""{"http_response":{"code":{{status}}},"code":{{code}},"description":{{JsonSerializer.Serialize(description)}},"message":""}"""));

    private ProductAnswer Create(ProductRequest request)
    {
        if (IsReadOnly)
        {
            return Problem(403, 26, "You do not have the required capabilities.");
        }

        if (request.Query("name") is not { Length: > 0 } name || request.Query("element_type") is not { Length: > 0 } type)
        {
            return Problem(422, 1005, "A request parameter is missing.");
        }

        return Sets.TryAdd(name, (type, new SortedSet<string>(StringComparer.Ordinal)))
            ? Described(201, name)
            : Problem(409, 1004, $"The reference set {name} already exists.");
    }

    private ProductAnswer Load(string name, byte[] body)
    {
        if (IsReadOnly)
        {
            return Problem(403, 26, "You do not have the required capabilities.");
        }

        if (!Sets.TryGetValue(name, out var set))
        {
            return Problem(404, 1002, $"The reference set {name} does not exist.");
        }

        var values = JsonSerializer.Deserialize<string[]>(body)!;
        if (Array.Find(values, value => !Fits(set.Type, value)) is not null)
        {
            return Problem(422, 1008, "A value could not be converted to the element type of the set.");
        }

        set.Values.UnionWith(values);
        return Described(200, name);
    }

    private bool Fits(string type, string value) => Poison is not null && value.Contains(Poison, StringComparison.Ordinal) ? false : type switch
    {
        "IP" => IPAddress.TryParse(value, out var address) && address.AddressFamily == AddressFamily.InterNetwork,
        "NUM" or "PORT" or "DATE" => long.TryParse(value, CultureInfo.InvariantCulture, out _),
        _ => value.Length > 0,
    };

    private ProductAnswer Show(string name) => Sets.ContainsKey(name) ? Described(200, name) : Problem(404, 1002, $"The reference set {name} does not exist.");

    private ProductAnswer Described(int status, string name) => ProductAnswer.Json(status, JsonSerializer.Serialize(new
    {
        name,
        element_type = Sets[name].Type,
        number_of_elements = Sets[name].Values.Count,
        data = Sets[name].Values.Select(value => new { value, source = "reference data api" }),
    }));

    private ProductAnswer Remove(string name, string value)
    {
        if (IsReadOnly)
        {
            return Problem(403, 26, "You do not have the required capabilities.");
        }

        if (!Sets.TryGetValue(name, out var set))
        {
            return Problem(404, 1002, $"The reference set {name} does not exist.");
        }

        return set.Values.Remove(value) ? Described(200, name) : Problem(404, 1003, "The value does not exist in the reference set.");
    }
}
