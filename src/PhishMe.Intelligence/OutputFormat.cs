namespace PhishMe.Intelligence;

/// <summary>A format in which a run hands on threats.</summary>
public enum OutputFormat
{
    /// <summary>ArcSight Common Event Format, one line per indicator.</summary>
    Cef,

    /// <summary>The threat as received.</summary>
    Json,

    /// <summary>A STIX package per threat.</summary>
    Stix,
}
