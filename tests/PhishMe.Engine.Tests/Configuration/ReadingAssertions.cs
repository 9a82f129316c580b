using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

internal static class ReadingAssertions
{
    /// <summary>The only finding of a rule.</summary>
    public static ConfigurationFinding Single(this ConfigurationReading reading, FindingRule rule)
    {
        var found = reading.Findings.Where(finding => finding.Id == rule.Id).ToList();
        Assert.True(found.Count == 1, $"{found.Count} findings {rule.Id} instead of one among:\n{string.Join('\n', reading.Findings)}");
        Assert.Equal(rule.Severity, found[0].Severity);
        Assert.Equal(reading.Path, found[0].File);
        return found[0];
    }

    /// <summary>The only finding of a rule, and nothing else is wrong.</summary>
    public static ConfigurationFinding Only(this ConfigurationReading reading, FindingRule rule)
    {
        var finding = reading.Single(rule);
        Assert.True(reading.Findings.Count == 1, string.Join('\n', reading.Findings));
        Assert.Equal(rule.Severity == FindingSeverity.Error, reading.Settings is null);
        return finding;
    }

    public static void IsAt(this ConfigurationFinding finding, int? line, string? section, string? key = null) =>
        Assert.Equal((line, section, key), (finding.Line, finding.Section, finding.Key));

    /// <summary>The settings of a reading without findings.</summary>
    public static IntegrationSettings Clean(this ConfigurationReading reading)
    {
        Assert.True(reading.Findings.Count == 0, string.Join('\n', reading.Findings));
        return reading.Valid();
    }

    /// <summary>The settings of a reading without errors.</summary>
    public static IntegrationSettings Valid(this ConfigurationReading reading)
    {
        Assert.True(reading.Settings is not null, string.Join('\n', reading.Findings));
        Assert.Null(reading.Fault);
        return reading.Settings;
    }
}
