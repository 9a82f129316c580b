namespace PhishMe.Simulator.Products;

/// <summary>An indicator as the simulated ThreatQ keeps it.</summary>
public sealed class ThreatQIndicator(int id)
{
    public int Id { get; } = id;

    public string Status { get; set; } = "Indirect";

    /// <summary>Whether an analyst protects the status.</summary>
    public bool IsProtected { get; init; }

    /// <summary>As often as they came.</summary>
    public List<(string Name, string Value)> Attributes { get; } = [];

    public HashSet<string> Sources { get; } = new(StringComparer.Ordinal);
}
