using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>What may differ between the MISP events of two installations.</summary>
internal sealed record MispEventOptions
{
    /// <summary>Name of the organisation that creates the event.</summary>
    public string Organisation { get; init; } = "PhishMe Intelligence";

    /// <summary>0 own organisation, 1 community, 2 connected communities, 3 all.</summary>
    public int Distribution { get; init; }

    /// <summary>The lowest impact that is marked for detection (<c>to_ids</c>); what is not safe to block never is.</summary>
    public Impact DetectionImpact { get; init; } = Impact.Moderate;

    /// <summary>The tag of the event.</summary>
    public TlpLevel Marking { get; init; }

    /// <summary>Tags of the event besides those of the threat and the marking.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>
    /// Whether what is the same in thousands of threats says that it is not to be correlated: texts, links, senders, and services that many use. Otherwise the
    /// server decides.
    /// </summary>
    public bool LimitsCorrelation { get; init; }

    /// <summary>Which indicators become attributes.</summary>
    public IndicatorFilter Filter { get; init; } = IndicatorFilter.ForDescriptions with { IncludeCorollary = true };

    /// <summary>Says when a threat without dates was received.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
