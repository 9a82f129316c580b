using System.Text;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Makes a config.ini: commented, from the schema, readable for its owner alone, because it may hold credentials.</summary>
internal static class ConfigurationCreation
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="PhishMeException">A value does not fit, or the file cannot be written.</exception>
    public static void Write(NewConfiguration wanted, SectionCatalogue sections)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var bytes = Encoding.UTF8.GetBytes(Compose(wanted, sections));
        var target = wanted.Path;
        try
        {
            target = new FileInfo(target).LinkTarget is null ? target : File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
            AtomicFile.WriteOwnerOnly(target, stream => stream.Write(bytes), wanted.Overwrite, PatientFiles.OfSystem());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw File.Exists(target) && !wanted.Overwrite
                ? new PhishMeException(Faults.FileExists, "The configuration file already exists.", wanted.Path, exception)
                : new PhishMeException(Faults.FileUnwritable, $"The configuration file cannot be written: {exception.Message}", wanted.Path, exception);
        }
    }

    /// <summary>The text of the file.</summary>
    /// <exception cref="PhishMeException">There is no such key, or a value does not fit on a line.</exception>
    internal static string Compose(NewConfiguration wanted, SectionCatalogue sections)
    {
        var values = new Dictionary<(string Section, string Key), string>();
        var includePlanned = wanted.IncludePlanned;
        foreach ((var name, var value) in wanted.Values)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var section = dot < 0 ? null : sections.Find(name[..dot]);
            var key = section?.Find(name[(dot + 1)..]);
            if (section is null || key is null)
            {
                throw new PhishMeException(Faults.SettingInvalid, $"There is no setting '{name}'.");
            }

            if (value.AsSpan().ContainsAny('\r', '\n') || value.Trim() != value)
            {
                throw new PhishMeException(Faults.SettingInvalid, $"The value of '{name}' must be on one line, without leading or trailing spaces.");
            }

            includePlanned |= section.IsPlanned;
            values[(section.Name, key.Name)] = value;
        }

        using var writer = new StringWriter { NewLine = "\n" };
        writer.WriteLine("# PhishMe for PowerShell. Keys that have their default value may be removed.");
        writer.WriteLine("# A comment needs a line of its own. Relative paths start at the folder of this file.");
        writer.WriteLine("# 'phishme check -conf config.ini' or Test-PhishMeConfiguration checks it.");
        ConfigurationSample.WriteSections(
            writer, sections, includePlanned, (section, key) => values.GetValueOrDefault((section.Name, key.Name), key.Default));
        var text = writer.ToString();
        EnsureReadBack(text, values);
        return text;
    }

    // The file has to say to the reader what was asked for.
    private static void EnsureReadBack(string text, Dictionary<(string Section, string Key), string> values)
    {
        var document = IniDocument.Parse(text);
        foreach (((var section, var key), var value) in values)
        {
            if (document.FindSection(section)?.Find(key)?.Value != value)
            {
                throw new PhishMeException(Faults.SettingInvalid, $"The value of '{section}.{key}' cannot be written to a configuration file.");
            }
        }
    }
}
