namespace PhishMe.Intelligence;

/// <summary>A form in which threats leave the pipeline.</summary>
public enum RenderingFormat
{
    /// <summary>The threat as received, one compact JSON object per line.</summary>
    Json,

    /// <summary>ArcSight Common Event Format, one line per event.</summary>
    Cef,

    /// <summary>STIX 1.1.1, one XML package per threat.</summary>
    Stix111,

    /// <summary>STIX 2.1, a JSON bundle.</summary>
    Stix21,

    /// <summary>MISP core format, one event per threat.</summary>
    Misp,

    /// <summary>Comma-separated values with a header, one row per indicator.</summary>
    Csv,

    /// <summary>Plain values, each once, in ordinal order, one per line.</summary>
    List,
}
