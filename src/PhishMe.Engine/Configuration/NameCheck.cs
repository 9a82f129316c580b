using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Configuration;

/// <summary>Reports unknown sections and keys, and suggests what may have been meant.</summary>
internal sealed class NameCheck(IniDocument document, FindingCollector findings, SectionCatalogue sections)
{
    public void Report()
    {
        foreach (var section in document.Sections)
        {
            if (sections.Find(section.Name) is not { } schema)
            {
                ReportSection(section);
            }
            else if (!schema.IsPlanned && !schema.IsIgnored && IsInUse(schema, section))
            {
                ReportKeys(section, schema);
            }
        }

        foreach (var entry in FirstOfEachKey(document.Defaults))
        {
            if (!sections.Sections.Any(schema => schema.Find(entry.Key) is not null))
            {
                ReportKey(entry, document.Defaults!.Name, sections.Sections.SelectMany(schema => schema.Keys));
            }
        }
    }

    /// <summary>What is switched off is left alone, as in the original. A switch that is neither on nor off is reported elsewhere.</summary>
    private bool IsInUse(SectionSchema schema, IniSection section)
    {
        if (schema.Name == StateKeys.SqliteSection || schema.Find("use") is null)
        {
            return true;
        }

        return document.Find(section.Name, "use")?.Value.Trim().ToUpperInvariant() is "1" or "YES" or "TRUE" or "ON";
    }

    private void ReportSection(IniSection section)
    {
        var nearest = FindingCollector.CanShowSection(section.Name) ? NearestName.Find(section.Name, sections.Names) : null;
        findings.Add(FindingRules.UnknownSection, section.Line, section.Name, null, nearest is null
            ? "The section is unknown and is ignored. Remove it, or see config.ini.sample for the names."
            : $"The section is unknown and is ignored. Did you mean [{nearest}]?");
    }

    private void ReportKeys(IniSection section, SectionSchema schema)
    {
        foreach (var entry in FirstOfEachKey(section).Where(entry => schema.Find(entry.Key) is null))
        {
            ReportKey(entry, section.Name, schema.Keys);
        }
    }

    private void ReportKey(IniEntry entry, string section, IEnumerable<KeySchema> candidates)
    {
        var isShown = FindingCollector.CanShowKey(entry.Key);
        var nearest = isShown ? NearestName.Find(entry.Key, candidates.Select(key => key.Name)) : null;
        var elsewhere = isShown ? sections.Sections.FirstOrDefault(schema => !schema.IsPlanned && schema.Find(entry.Key) is not null) : null;
        findings.Add(FindingRules.UnknownKey, entry.Line, section, entry.Key, (nearest, elsewhere) switch
        {
            ({ }, _) => $"The key is unknown and is ignored. Did you mean {nearest}?",
            (_, { }) => $"The key is unknown in this section and is ignored. Move it to [{NameInFile(elsewhere)}].",
            _ => "The key is unknown and is ignored. Remove it, or see config.ini.sample for the names.",
        });
    }

    private string NameInFile(SectionSchema schema) =>
        schema.OtherName is string other && document.FindSection(schema.Name) is null && document.FindSection(other) is not null ? other : schema.Name;

    private static IEnumerable<IniEntry> FirstOfEachKey(IniSection? section) => section?.Entries.DistinctBy(entry => entry.Key) ?? [];
}
