using System.Globalization;
using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Configuration;

/// <summary>Reads a config.ini, written for the original in any of its versions or for PhishMe for PowerShell, and reports everything that is
/// wrong with it at once.</summary>
internal static class ConfigurationReader
{
    /// <summary>No configuration is larger (bytes); what is, is something else.</summary>
    private const int LargestFile = 1024 * 1024;

    /// <summary>Reads a file. Never throws for what the file holds, nor when it does not exist. Changes nothing on disk.</summary>
    /// <param name="path">Path of the file; a relative one starts at the working directory.</param>
    /// <param name="context">The products that may be configured, and where secrets come from.</param>
    /// <returns>The settings and the findings.</returns>
    public static ConfigurationReading Read(string path, ReadingContext context)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var fullPath = Path.GetFullPath(path);
        var findings = new FindingCollector(fullPath);
        var text = Load(fullPath, findings);
        var settings = text is null ? null : Read(IniDocument.Parse(text), fullPath, findings, context);
        return new ConfigurationReading
        {
            Path = fullPath,
            Settings = findings.HasErrors ? null : settings,
            Findings = findings.InOrderOfFile(),
        };
    }

    private static string? Load(string path, FindingCollector findings)
    {
        try
        {
            if (Directory.Exists(path))
            {
                findings.Add(FindingRules.FileUnreadable, null, null, null, "The path is a folder. Name the configuration file in it.");
                return null;
            }

            if (BoundedFile.TryRead(path, LargestFile) is not { } bytes)
            {
                findings.Add(FindingRules.FileTooLarge, null, null, null, "The file is larger than 1 MiB, so it is not a configuration. " +
                    "Name the right file.");
                return null;
            }

            var text = IniText.Decode(bytes);
            if (text.IsWide)
            {
                findings.Add(FindingRules.EncodingNotSupported, null, null, null, "The file is UTF-16, UTF-32 or not text. Save it as " +
                    "UTF-8.");
                return null;
            }

            if (text.FirstLineNotUtf8 is { } line)
            {
                findings.Add(FindingRules.EncodingNotUtf8, line, null, null,
                    "This line has characters that are not UTF-8; the file is read as Latin-1. Save it as UTF-8 and check the " +
                    "non-ASCII characters.");
            }

            return text.Text;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            findings.Add(FindingRules.FileNotFound, null, null, null, "The configuration file does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            findings.Add(FindingRules.FileUnreadable, null, null, null, $"The configuration file cannot be read: {e.Message}");
        }

        return null;
    }

    private static IntegrationSettings? Read(IniDocument document, string path, FindingCollector findings, ReadingContext context)
    {
        ReportLines(document, findings);
        new NameCheck(document, findings, context.Sections).Report();
        new EnvironmentCheck(document, path, findings, context).Report();
        return new SettingsReader(document, path, findings, context).Read();
    }

    private static void ReportLines(IniDocument document, FindingCollector findings)
    {
        foreach (var problem in document.Problems)
        {
            var earlier = problem.EarlierLine?.ToString(CultureInfo.InvariantCulture);
            var (rule, message) = problem.Kind switch
            {
                IniProblemKind.NotUnderstood => (FindingRules.LineNotUnderstood,
                    "The line is neither [section], nor 'key = value', nor a comment. Complete it, or put '#' in front of it."),
                IniProblemKind.BeforeFirstSection => (FindingRules.KeyBeforeSection,
                    "The line stands before the first [section]. Move it below the header of its section."),
                IniProblemKind.DuplicateSection => (FindingRules.DuplicateSection,
                    $"The section already exists on line {earlier}. Merge the two."),
                IniProblemKind.DuplicateKey => (FindingRules.DuplicateKey,
                    $"The key already exists on line {earlier}. Remove one of the two lines."),
                IniProblemKind.IndentedSection => (FindingRules.SectionIndented,
                    $"The section header is indented, so it continues the value that begins on line {earlier}. Remove the spaces " +
                    $"before it."),
                _ => throw new InvalidOperationException($"A problem of the kind {problem.Kind} has no text."),
            };
            findings.Add(rule, problem.Line, problem.Section, problem.Key, message);
        }
    }
}
