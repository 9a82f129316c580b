using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>Makes the results of checks.</summary>
internal static class Checks
{
    public static CheckResult Pass(string subject, string message) => new() { Subject = subject, Outcome = CheckOutcome.Pass, Message = message };

    public static CheckResult Warn(string subject, string message, string next) =>
        new() { Subject = subject, Outcome = CheckOutcome.Warn, Message = message, NextStep = next };

    public static CheckResult Fail(string subject, string message, string next) =>
        new() { Subject = subject, Outcome = CheckOutcome.Fail, Message = message, NextStep = next };

    /// <summary>A check that failed with a fault of the catalogue.</summary>
    public static CheckResult Fail(string subject, Fault fault) =>
        Fail(subject, fault.Where is null ? fault.Message : $"{fault.Message} ({fault.Where})", fault.Kind.RecommendedAction);

    /// <summary>A finding about the configuration.</summary>
    public static CheckResult Of(ConfigurationFinding finding) => new()
    {
        Subject = "Configuration",
        Outcome = finding.Severity == FindingSeverity.Error ? CheckOutcome.Fail : CheckOutcome.Warn,
        Message = finding.ToString(),
    };
}
