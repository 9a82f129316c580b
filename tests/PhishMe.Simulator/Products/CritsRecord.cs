namespace PhishMe.Simulator.Products;

/// <summary>An indicator or a sample as the simulated CRITs keeps it.</summary>
public sealed class CritsRecord(string id)
{
    public string Id { get; } = id;

    /// <summary>Instances by name of the source: one for each post.</summary>
    public Dictionary<string, int> Sources { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Campaigns { get; } = new(StringComparer.Ordinal);

    public string Impact { get; set; } = "unknown";

    public string Status { get; set; } = "New";

    /// <summary>The fields of the newest post.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; set; } = new Dictionary<string, string>();
}
