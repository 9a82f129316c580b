using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Configuration;

/// <summary>What a product reads its settings from.</summary>
internal sealed class ProductSettings(
    IniDocument document, FindingCollector findings, ReadingContext context, string folder, SectionValues formats, SectionValues defaults,
    Action<string, SectionValues, string> claim)
{
    /// <summary>Whether [local_sqlite] use is on. Without the store nothing can be rebuilt from it.</summary>
    public bool KeepsThreats { get; } = IsOn(document, "local_sqlite");

    /// <summary>Whether [taxii_server] use is on.</summary>
    public bool ServesTaxii { get; } = IsOn(document, ServerKeys.TaxiiSection);

    /// <summary>The folder of the configuration file.</summary>
    public string Folder { get; } = folder;

    /// <summary>[pm_format], which old files repeat their outputs in.</summary>
    public SectionValues Formats { get; } = formats;

    /// <summary>The day of this reading: what a list holds depends on it.</summary>
    public DateOnly Today { get; } = DateOnly.FromDateTime(context.Clock.GetUtcNow().UtcDateTime);

    /// <summary>The score of each impact, as [integration_defaults] has them.</summary>
    public ScoreTable Scores { get; } = ScoreKeys.Read(defaults, ScoreTable.Usual);

    /// <summary>Which threats and indicators a product gets.</summary>
    public DeliverySettings Delivery(SectionValues section) => DeliveryKeys.Read(section, defaults, Scores);

    /// <summary>The values of a section, under the spelling that the file uses.</summary>
    public SectionValues Section(SectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var section = Named(schema, schema.Name);
        if (schema.OtherName is null)
        {
            return section;
        }

        var other = Named(schema, schema.OtherName);
        if (!section.Exists)
        {
            return other;
        }

        if (other.Exists)
        {
            other.ReportSection(FindingRules.BothSpellings, $"[{other.Name}] and [{section.Name}] are two names of one section; " +
                $"[{section.Name}] wins. Remove one.");
        }

        return section;
    }

    /// <summary>Says that a file is written here: that two destinations write the same file becomes a finding.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="section">The section that names it.</param>
    /// <param name="key">The key that names it.</param>
    public void Claim(string path, SectionValues section, string key) => claim(path, section, key);

    /// <summary>The spelling of a raw output that the file has; where it lacks the section, that of the other outputs in it.</summary>
    public string NameInFile(SectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (Has(schema.Name) || schema.OtherName is null)
        {
            return schema.Name;
        }

        SectionSchema[] outputs = [.. context.Sections.Sections.Where(other => other.Format is not null)];
        return Has(schema.OtherName) || (Array.Exists(outputs, other => Has(other.OtherName)) && !Array.Exists(outputs, other => Has(other.Name)))
            ? schema.OtherName
            : schema.Name;
    }

    private static bool IsOn(IniDocument document, string section) =>
        document.Find(section, "use")?.Value.Trim().ToUpperInvariant() is "1" or "YES" or "TRUE" or "ON";

    private bool Has(string? section) => section is not null && document.FindSection(section) is not null;

    private SectionValues Named(SectionSchema schema, string name) => new(schema, name, document, findings, context, Folder);
}
