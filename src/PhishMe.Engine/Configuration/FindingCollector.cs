using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Gathers the findings about one file.</summary>
internal sealed class FindingCollector(string file)
{
    // Tokens have 32 characters and more, and keys fewer: a token that slipped into the place of a key is not repeated to the screen.
    private const int LongestKeyShown = 31;
    private const int LongestSectionShown = 48;

    private readonly List<ConfigurationFinding> _findings = [];
    private readonly List<string> _secrets = [];

    /// <summary>The secrets that were read: whatever a run writes is searched for them.</summary>
    public IReadOnlyList<string> Secrets => _secrets;

    public bool HasErrors => _findings.Exists(finding => finding.Severity == FindingSeverity.Error);

    public void Add(FindingRule rule, int? line, string? section, string? key, string message) => _findings.Add(new ConfigurationFinding
    {
        Severity = rule.Severity,
        Id = rule.Id,
        File = file,
        Line = line,
        Section = section is not null && CanShow(section, LongestSectionShown) ? section : null,
        Key = key is not null && CanShowKey(key) ? key : null,
        Message = message,
    });

    /// <summary>Notes a secret that is in use.</summary>
    public void AddSecret(string secret) => _secrets.Add(secret);

    public IReadOnlyList<ConfigurationFinding> InOrderOfFile() => [.. _findings.OrderBy(finding => finding.Line ?? int.MaxValue)];

    public static bool CanShowKey(string key) => CanShow(key, LongestKeyShown);

    public static bool CanShowSection(string section) => CanShow(section, LongestSectionShown);

    private static bool CanShow(string name, int longest) =>
        name.Length <= longest && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');
}
