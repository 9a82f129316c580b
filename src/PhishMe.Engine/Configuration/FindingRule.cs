using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>One thing that is looked for in a configuration file.</summary>
/// <param name="Id">Stable, PascalCase id.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Meaning">What it means, in one sentence.</param>
internal sealed record FindingRule(string Id, FindingSeverity Severity, string Meaning);
