namespace PhishMe.Engine.Configuration;

/// <summary>Writes the tables of docs/configuration.md: sections with their keys, and the findings.</summary>
internal static class ConfigurationReference
{
    /// <summary>Writes one table per section, in Markdown.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sections">The sections.</param>
    public static void WriteKeys(TextWriter writer, SectionCatalogue sections)
    {
        foreach (var section in sections.Sections)
        {
            writer.WriteLine();
            writer.WriteLine($"### `[{section.Name}]`{(section.OtherName is null ? string.Empty : $", also `[{section.OtherName}]`")}");
            writer.WriteLine();
            writer.WriteLine($"{section.Description}{Remark(section)}");
            if (section.Keys.Count == 0)
            {
                continue;
            }

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
        {
            writer.WriteLine($"| `{rule.Id}` | {rule.Severity} | {Cell(rule.Meaning)} |");
        }
    }

    /// <summary>Writes the help topic about_PhishMe_Configuration, in plain text.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sections">The sections.</param>
    public static void WriteTopic(TextWriter writer, SectionCatalogue sections)
    {
        writer.WriteLine("TOPIC");
        writer.WriteLine("    about_PhishMe_Configuration");
        writer.WriteLine();
        writer.WriteLine("SHORT DESCRIPTION");
        writer.WriteLine("    The sections and keys of config.ini.");
        writer.WriteLine();
        writer.WriteLine("LONG DESCRIPTION");
        foreach (var paragraph in (string[])
        [
            "A config.ini of the Python integration works unchanged, in any of its versions. A missing key has its default value, so a file needs only what differs. " +
            "Relative paths start at the folder of the file. A comment begins with # and needs a line of its own.",
            "New-PhishMeConfiguration writes a commented file, Test-PhishMeConfiguration checks one. " +
            "The -Setting parameter of New-PhishMeConfiguration takes section and key: pm_api.results_per_page.",
        ])
        {
            WriteWrapped(writer, paragraph, 4);
            writer.WriteLine();
        }

        foreach (var section in sections.Sections)
        {
            writer.WriteLine($"    [{section.Name}]{(section.OtherName is null ? string.Empty : $" or [{section.OtherName}]")}");
            WriteWrapped(writer, section.Description + (section.IsPlanned ? " Accepted, but not implemented yet." : string.Empty), 8);
            writer.WriteLine();
            foreach (var key in section.Keys)
            {
                var standard = key.Default.Length > 0 ? $"; default {key.Default}" : key.IsRequired ? "; required" : string.Empty;
                WriteWrapped(writer, $"{key.Name} ({key.TypeInWords}{standard})", 8);
                WriteWrapped(writer, key.Description, 12);
            }

            writer.WriteLine();
        }

        writer.WriteLine("SEE ALSO");
        writer.WriteLine("    New-PhishMeConfiguration");
        writer.WriteLine("    Test-PhishMeConfiguration");
        writer.WriteLine("    about_PhishMe");
    }

    // Nothing else wraps help in a console.
    private static void WriteWrapped(TextWriter writer, string text, int indentation)
    {
        const int Width = 79;
        var line = string.Empty;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && indentation + line.Length + 1 + word.Length > Width)
            {
                writer.WriteLine(new string(' ', indentation) + line);
                line = string.Empty;
            }

            line += line.Length > 0 ? " " + word : word;
        }

        writer.WriteLine(new string(' ', indentation) + line);
    }

    private static string Remark(SectionSchema section) =>
        section.IsPlanned ? " *Accepted, but not implemented yet; keys other than these are accepted too.*" : string.Empty;

    private static string DefaultOf(KeySchema key) =>
        key.IsRequired && key.Default.Length == 0 ? "required" : key.Default.Length > 0 ? $"`{key.Default}`" : string.Empty;

    private static string Mark(KeySchema key, KnownIn file) => key.KnownIn.HasFlag(file) ? "✓" : string.Empty;

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
