namespace PhishMe.Intelligence;

/// <summary>How threats are to be rendered. What a format has no use for is ignored.</summary>
public sealed record RenderingOptions
{
    /// <summary>The form.</summary>
    public required RenderingFormat Format { get; init; }

    /// <summary>With whom the result may be shared; marks STIX 2.1 and MISP.</summary>
    public TlpLevel Tlp { get; init; }

    /// <summary>Kinds of indicators wanted in a list or as rows; null for all.</summary>
    public IReadOnlySet<IndicatorKind>? Kinds { get; init; }

    /// <summary>Lowest impact wanted in a list or as rows; null for all, also the unrated.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Whether lists and rows hold what is for correlation only: senders, subjects, web components. Never block these.</summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>Whether URLs in a list lose their <c>http://</c>.</summary>
    public bool WithoutScheme { get; init; }
}
