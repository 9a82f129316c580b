using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Configuration;

/// <summary>Reports problems around the file: who can read and write it, and which account runs this.</summary>
internal sealed class EnvironmentCheck(IniDocument document, string path, FindingCollector findings, ReadingContext context)
{
    public void Report()
    {
        var literal = document.Sections.SelectMany(LiteralSecrets).OrderBy(secret => secret.Line).FirstOrDefault();
        if (literal.Key is not null && PathAccess.ExposureOf(path) is { } exposure)
        {
            findings.Add(FindingRules.SecretExposed, literal.Line, literal.Section, literal.Key,
                $"The file contains a secret and can be read or written by other accounts. {exposure} - or keep the secret " +
                $"elsewhere (env:NAME, file:PATH, secret:NAME).");
        }

        if (!CanReplaceFile())
        {
            findings.Add(FindingRules.PositionNotWritable, null, null, null,
                "The file is read-only for this account, so position and scheduler_offset cannot be written to it. Give the account " +
                "permission to write the file and its folder.");
        }

        if (context.IsPrivileged && !OperatingSystem.IsWindows())
        {
            findings.Add(FindingRules.RunsAsRoot, null, null, null, "This runs as root, which the vendor advises against. Use an account of " +
                "its own.");
        }
    }

    /// <summary>A value is written by renaming a new file over the old one, so the folder counts too; of a link, those it leads
    /// to.</summary>
    private bool CanReplaceFile()
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            return PathAccess.CanWrite(target) && Path.GetDirectoryName(target) is { } folder && PathAccess.CanCreateIn(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private IEnumerable<(string Section, string? Key, int Line)> LiteralSecrets(IniSection section) =>
        from entry in section.Entries
        where entry.Value.Length > 0 && context.Sections.Find(section.Name)?.Find(entry.Key) is { IsSecret: true } && SecretSource.IsLiteral(entry.Value)
        select (section.Name, (string?)entry.Key, entry.Line);
}
