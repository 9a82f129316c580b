namespace PhishMe.Engine.Rendering;

/// <summary>A role of the watch list in a package, with what plays it.</summary>
internal sealed class StixPackageRole(string name, string uuid)
{
    public string Name { get; } = name;

    public string Uuid { get; } = uuid;

    public string? Description { get; set; }

    public List<string> Observables { get; } = [];

    public List<string> Families { get; } = [];
}
