namespace PhishMe.Intelligence;

/// <summary>Some threats that came together, and what was missed among them.</summary>
public sealed record ThreatBatch
{
    /// <summary>The threats; those taken back are marked as withdrawn and may have nothing but an id.</summary>
    public required IReadOnlyList<Threat> Threats { get; init; }

    /// <summary>What could not be had.</summary>
    public IReadOnlyList<MissedThreat> Missed { get; init; } = [];
}
