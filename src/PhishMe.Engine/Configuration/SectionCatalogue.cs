namespace PhishMe.Engine.Configuration;

/// <summary>All sections that a configuration file may have.</summary>
internal sealed class SectionCatalogue
{
    private readonly Dictionary<string, SectionSchema> _byName;

    /// <param name="sections">The sections in the order of the sample file.</param>
    public SectionCatalogue(IReadOnlyList<SectionSchema> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        Sections = sections;
        _byName = sections
            .SelectMany(section => new[] { section.Name, section.OtherName }.OfType<string>().Select(name => (name, section)))
            .ToDictionary(pair => pair.name, pair => pair.section, StringComparer.Ordinal);
    }

    /// <summary>The sections in the order of the sample file.</summary>
    public IReadOnlyList<SectionSchema> Sections { get; }

    /// <summary>All names of sections, both spellings.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>Finds a section.</summary>
    /// <param name="name">Exact name, in either spelling.</param>
    /// <returns>The schema, or null when there is no such section.</returns>
    public SectionSchema? Find(string name) => _byName.GetValueOrDefault(name);
}
