namespace PhishMe.Engine.Configuration;

/// <summary>Writes config.ini.sample: every key with its default and one line on it. An empty value stands for a default that is
/// empty.</summary>
internal static class ConfigurationSample
{
    /// <summary>Writes the sample.</summary>
    /// <param name="writer">Where to; lines end as the writer ends them.</param>
    /// <param name="sections">The sections.</param>
    public static void Write(TextWriter writer, SectionCatalogue sections)
    {
        WriteHead(writer);
        WriteSections(writer, sections, includePlanned: true, (_, key) => key.Default);
    }

    /// <summary>Writes the sections with values of your choice.</summary>
    /// <param name="writer">Where to; lines end as the writer ends them.</param>
    /// <param name="sections">The sections.</param>
    /// <param name="includePlanned">Whether sections of what is not implemented are written too.</param>
    /// <param name="valueOf">Gives the value of a key.</param>
    public static void WriteSections(TextWriter writer, SectionCatalogue sections, bool includePlanned, Func<SectionSchema, KeySchema, string> valueOf)
    {
        var plannedBegan = false;
        foreach (var section in sections.Sections.Where(section => includePlanned || !section.IsPlanned))
        {
            if (section.IsPlanned && !plannedBegan)
            {
                plannedBegan = true;
                writer.WriteLine();
                writer.WriteLine("# ---------------------------------------------------------------------------");
                writer.WriteLine("# Sections of products and services. They are accepted, so that old files work,");
                writer.WriteLine("# but not implemented yet: every run warns about each one that is on.");
                writer.WriteLine("# ---------------------------------------------------------------------------");
            }

            writer.WriteLine();
            writer.WriteLine($"# {section.Description}");
            writer.WriteLine($"[{section.Name}]");
            foreach (var key in section.Keys)
            {
                writer.WriteLine($"# {key.Description} ({key.TypeInWords}{(key.IsRequired ? "; required" : string.Empty)})");
                writer.WriteLine($"{key.Name} = {valueOf(section, key)}".TrimEnd());
            }
        }
    }

    private static void WriteHead(TextWriter writer)
    {
        writer.WriteLine("# PhishMe for PowerShell: every section and key, with its default.");
        writer.WriteLine("#");
        writer.WriteLine("# Copy this file to config.ini, run 'chmod 600 config.ini', and fill in user and pass in [pm_api].");
        writer.WriteLine("# A missing key has the default shown here, so a file needs only what differs.");
        writer.WriteLine("# A comment needs a line of its own. Relative paths start at the folder of this file.");
        writer.WriteLine("# 'phishme check -conf config.ini' or Test-PhishMeConfiguration checks it.");
    }
}
