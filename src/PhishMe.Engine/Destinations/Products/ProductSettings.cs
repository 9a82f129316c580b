using PhishMe.Engine.Configuration;
using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What a product reads its settings from.</summary>
internal sealed class ProductSettings(
    IniDocument document, FindingCollector findings, ReadingContext context, string folder, bool keepsThreats, Action<string, SectionValues, string> claim)
{
    /// <summary>Whether [local_sqlite] use is on. Without the store nothing can be rebuilt from it.</summary>
    public bool KeepsThreats { get; } = keepsThreats;

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

    private SectionValues Named(SectionSchema schema, string name) => new(schema, name, document, findings, context, folder);
}
