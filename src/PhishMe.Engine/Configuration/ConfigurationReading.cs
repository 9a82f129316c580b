using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>What came of reading a configuration file.</summary>
internal sealed record ConfigurationReading
{
    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>The typed settings; null exactly when there is an error among the findings.</summary>
    public IntegrationSettings? Settings { get; init; }

    /// <summary>Everything worth telling, in the order of the file; what has no line comes last.</summary>
    public required IReadOnlyList<ConfigurationFinding> Findings { get; init; }

    /// <summary>Why a run cannot start; null when it can.</summary>
    public Fault? Fault
    {
        get
        {
            var errors = Findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
            if (errors.Count == 0)
            {
                return null;
            }

            var first = errors[0];
            if (first.Id == FindingRules.FileNotFound.Id)
            {
                return new Fault { Kind = Faults.ConfigurationNotFound, Message = first.Message, Where = Path };
            }

            if (first.Id == FindingRules.FileUnreadable.Id)
            {
                return new Fault { Kind = Faults.ConfigurationUnreadable, Message = first.Message, Where = Path };
            }

            return new Fault
            {
                Kind = Faults.ConfigurationInvalid,
                Message = errors.Count == 1
                    ? $"The configuration has 1 error: {first}"
                    : string.Create(CultureInfo.InvariantCulture, $"The configuration has {errors.Count} errors. The first: {first}"),
                Where = Path,
            };
        }
    }

    /// <summary>The findings as the shells show them.</summary>
    /// <returns>The report.</returns>
    public ConfigurationReport ToReport() => new() { Path = Path, Findings = Findings };
}
