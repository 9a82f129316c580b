namespace PhishMe.Intelligence;

/// <summary>All findings about one configuration file.</summary>
public sealed record ConfigurationReport
{
    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>The findings, in the order of the file.</summary>
    public required IReadOnlyList<ConfigurationFinding> Findings { get; init; }

    /// <summary>Whether a run would start: there is no error among the findings.</summary>
    public bool IsValid => Findings.All(finding => finding.Severity != FindingSeverity.Error);
}
