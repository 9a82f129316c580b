using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>What a search in the store found.</summary>
internal sealed record SearchResult
{
    /// <summary>Threats that are meant by their id, a family, a delivery mechanism or a brand.</summary>
    public IReadOnlyList<Threat> Threats { get; init; } = [];

    /// <summary>Indicators that were met, most precise first.</summary>
    public IReadOnlyList<IndicatorMatch> Matches { get; init; } = [];

    /// <summary>Whether there is more than is shown.</summary>
    public bool IsCut { get; init; }
}
