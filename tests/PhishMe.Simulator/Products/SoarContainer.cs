using System.Text.Json.Nodes;

namespace PhishMe.Simulator.Products;

/// <summary>A container as the simulated SOAR keeps it.</summary>
public sealed class SoarContainer(int id, string identifier)
{
    public int Id { get; } = id;

    /// <summary>Its <c>source_data_identifier</c>.</summary>
    public string Identifier { get; } = identifier;

    public required string Name { get; init; }

    public required string Label { get; init; }

    public required string Description { get; set; }

    public string Status { get; set; } = "new";

    public HashSet<string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order in which they came.</summary>
    public List<JsonObject> Artifacts { get; } = [];

    /// <summary>How often playbooks were started.</summary>
    public int Runs { get; set; }

    /// <summary>The container as it is now.</summary>
    public SoarContainer Copy()
    {
        var copy = new SoarContainer(Id, Identifier) { Name = Name, Label = Label, Description = Description, Status = Status, Runs = Runs };
        copy.Tags.UnionWith(Tags);
        copy.Artifacts.AddRange(Artifacts.Select(artifact => artifact.DeepClone().AsObject()));
        return copy;
    }
}
