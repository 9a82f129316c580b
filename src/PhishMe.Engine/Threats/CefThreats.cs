namespace PhishMe.Engine.Threats;

/// <summary>A CEF answer sorted out.</summary>
internal sealed record CefThreats
{
    /// <summary>The threats in order of first appearance.</summary>
    public required IReadOnlyList<CefThreat> Threats { get; init; }

    /// <summary>Lines that belong to no threat, with the reason: to be set aside, not lost.</summary>
    public required IReadOnlyList<CefLine> Strays { get; init; }
}
