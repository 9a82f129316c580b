using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>A watch-list entry or file of a package: what stands under one id.</summary>
internal sealed class StixPackageEntry(string uuid)
{
    public string Uuid { get; } = uuid;

    public IndicatorKind Kind { get; init; }

    public required string Value { get; init; }

    public ThreatFile? File { get; init; }

    public Impact? Impact { get; set; }

    public List<string> Families { get; } = [];

    public List<(string Name, string? Description)> Roles { get; } = [];
}
