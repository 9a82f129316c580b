namespace PhishMe.Engine.Configuration;

/// <summary>Writes the tables of docs/configuration.md: sections with their keys, and the findings.</summary>
internal static class ConfigurationReference
{
    /// <summary>Writes one table per section, in Markdown.</summary>
    /// <param name="writer">Where to.</param>
    public static void WriteKeys(TextWriter writer)
    {
        foreach (var section in ConfigurationSchema.Sections)
        {
            writer.WriteLine();
            writer.WriteLine($"### `[{section.Name}]`{(section.OtherName is null ? string.Empty : $", also `[{section.OtherName}]`")}");
            writer.WriteLine();
            writer.WriteLine($"{section.Description}{Remark(section)}");
            if (section.Keys.Count == 0)
                continue;

            writer.WriteLine();
            writer.WriteLine("| Key | Value | Default | 2017 | older | 4.8.0 | Meaning |");
            writer.WriteLine("|---|---|---|---|---|---|---|");
            foreach (var key in section.Keys)
            {
                writer.WriteLine(
                    $"| `{key.Name}` | {Cell(key.TypeInWords)} | {DefaultOf(key)} | {Mark(key, KnownIn.Documentation2017)} | " +
                    $"{Mark(key, KnownIn.OlderVersions)} | " +
                    $"{Mark(key, KnownIn.Version480)} | {Cell(key.Description)} |");
            }
        }
    }

    /// <summary>Writes the table of findings, in Markdown.</summary>
    /// <param name="writer">Where to.</param>
    public static void WriteFindings(TextWriter writer)
    {
        writer.WriteLine();
        writer.WriteLine("| Id | Severity | Meaning |");
        writer.WriteLine("|---|---|---|");
        foreach (var rule in FindingRules.All.OrderByDescending(rule => rule.Severity).ThenBy(rule => rule.Id, StringComparer.Ordinal))
            writer.WriteLine($"| `{rule.Id}` | {rule.Severity} | {Cell(rule.Meaning)} |");
    }

    private static string Remark(SectionSchema section) =>
        section.IsPlanned ? " *Known, not implemented yet; other keys than these are accepted too.*" : string.Empty;

    private static string DefaultOf(KeySchema key) =>
        key.IsRequired && key.Default.Length == 0 ? "required" : key.Default.Length > 0 ? $"`{key.Default}`" : string.Empty;

    private static string Mark(KeySchema key, KnownIn file) => key.KnownIn.HasFlag(file) ? "✓" : string.Empty;

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
