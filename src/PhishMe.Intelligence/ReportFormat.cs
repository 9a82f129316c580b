namespace PhishMe.Intelligence;

/// <summary>A format of the Active Threat Report.</summary>
public enum ReportFormat
{
    /// <summary>A page in HTML.</summary>
    Html,

    /// <summary>A PDF document.</summary>
    Pdf,
}
