using System.Text;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The reputation database of a TippingPoint SMS, as two public clients use it: CSV by multipart, rows that do not fit are ignored without a word, tags have
/// categories that must exist.
/// </summary>
public sealed class TippingPointSms(string key) : ISimulatedProduct
{
    /// <summary>The entries by type and value, with their tags.</summary>
    public SortedDictionary<string, string> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>Tag categories that exist.</summary>
    public IReadOnlySet<string> Categories { get; init; } = new HashSet<string>
    {
        "PhishMeIntel_Threat-ID", "PhishMeIntel_Malware-Family", "PhishMeIntel_Role", "PhishMeIntel_Impact-Rating", "PhishMeIntel_Last-Published", "Reputation Entries TTL",
    };

    /// <summary>User and password that are let in by the query, besides the key; null for none.</summary>
    public (string User, string Password)? User { get; init; }

    /// <summary>Whether the account may only read.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>A file with this text is refused as a whole.</summary>
    public string? Poison { get; init; }

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("X-SMS-API-KEY") != key && !(User is var (user, password) && request.Query("smsuser") == user && request.Query("smspass") == password))
        {
            return new ProductAnswer(401, "text/plain", Encoding.UTF8.GetBytes("Unauthorized"));
        }

        if (IsReadOnly && request.Path != "/repEntries/query")
        {
            return new ProductAnswer(403, "text/plain", Encoding.UTF8.GetBytes("Forbidden"));
        }

        return (request.Method, request.Path) switch
        {
            ("POST", "/repEntries/import") => Import(request),
            ("POST" or "GET", "/repEntries/add") => Add(request),
            ("POST" or "GET", "/repEntries/delete") => Delete(request),
            ("GET", "/repEntries/query") => NameOf(request) is not string name ? new ProductAnswer(412)
                : Entries.TryGetValue(name, out var tags) ? new ProductAnswer(200, "text/plain", Encoding.UTF8.GetBytes(tags))
                : new ProductAnswer(204),
            _ => ProductAnswer.Page(404, "Not Found"),
        };
    }

    private static string? NameOf(ProductRequest request) =>
        request.Query("ip") is string ip ? $"{(ip.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ipv4")}/{ip}"
        : request.Query("dns") is string dns ? $"dns/{dns}"
        : request.Query("url") is string url ? $"url/{url}"
        : null;

    private ProductAnswer Import(ProductRequest request)
    {
        var boundary = request.Header("Content-Type")!.Split("boundary=")[1];
        var part = request.Text.Split($"--{boundary}")[1];
        var csv = part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..^2];
        if (!part.Contains("name=\"file\"", StringComparison.Ordinal))
        {
            return new ProductAnswer(400, "text/plain", Encoding.UTF8.GetBytes("The file is missing"));
        }

        if (Poison is not null && csv.Contains(Poison, StringComparison.Ordinal))
        {
            return new ProductAnswer(400, "text/plain", Encoding.UTF8.GetBytes("The file could not be parsed"));
        }

        foreach (var row in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = row.Split(',');
            Store($"{request.Query("type")}/{fields[0]}", fields[1..]);
        }

        return new ProductAnswer(200, "text/plain", Encoding.UTF8.GetBytes("Import accepted"));
    }

    private ProductAnswer Add(ProductRequest request)
    {
        if (NameOf(request) is not string name)
        {
            return new ProductAnswer(412);
        }

        Store(name, request.Query("TagData") is { Length: > 0 } tags ? tags.Split(',') : []);
        return new ProductAnswer(200, "text/plain", Encoding.UTF8.GetBytes("OK"));
    }

    private ProductAnswer Delete(ProductRequest request)
    {
        if (request.Query("criteria") == "user")
        {
            Entries.Clear();
        }
        else if (NameOf(request) is string name)
        {
            Entries.Remove(name);
        }

        return new ProductAnswer(200, "text/plain", Encoding.UTF8.GetBytes("OK"));
    }

    /// <summary>An odd number of fields or a category that does not exist: the row is ignored.</summary>
    private void Store(string name, string[] tags)
    {
        if (tags.Length % 2 == 0 && tags.Where((_, i) => i % 2 == 0).All(Categories.Contains))
        {
            Entries[name] = string.Join(',', tags);
        }
    }
}
