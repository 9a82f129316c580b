using System.Runtime.CompilerServices;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>config.ini.sample and the tables of docs/configuration.md come from the schema. To write them again: <c>PHISHME_REGENERATE=1
/// dotnet test</c>.</summary>
public sealed class GeneratedFileTests
{
    private static bool MayRegenerate => Environment.GetEnvironmentVariable("PHISHME_REGENERATE") == "1";

    [Fact]
    public void The_sample_is_what_the_schema_says()
    {
        using var expected = new StringWriter { NewLine = "\n" };
        ConfigurationSample.Write(expected, ProductCatalogue.Schema);
        var file = InRepository("config.ini.sample");
        if (MayRegenerate)
        {
            File.WriteAllText(file, expected.ToString());
        }

        Assert.Equal(expected.ToString(), File.ReadAllText(file), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void The_help_topic_is_what_the_schema_says()
    {
        using var expected = new StringWriter { NewLine = "\n" };
        ConfigurationReference.WriteTopic(expected, ProductCatalogue.Schema);
        var file = InRepository(Path.Combine("en-US", "about_PhishMe_Configuration.help.txt"));
        if (MayRegenerate)
        {
            File.WriteAllText(file, expected.ToString());
        }

        Assert.Equal(expected.ToString(), File.ReadAllText(file), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void The_sample_lacks_nothing_but_credentials()
    {
        using var folder = new ConfigurationFolder();
        var sample = File.ReadAllText(InRepository("config.ini.sample"));

        var asItIs = folder.Read(sample);
        Assert.All(
            asItIs.Findings.Where(finding => finding.Severity == FindingSeverity.Error),
            finding => Assert.True(finding is { Id: "ValueMissing", Section: "pm_api", Key: "user" or "pass" }, finding.ToString()));

        var filledIn = folder.Read(sample
            .Replace("required)\nuser =\n", $"required)\nuser = {ConfigurationFolder.User}\n", StringComparison.Ordinal)
            .Replace("required)\npass =\n", $"required)\npass = {ConfigurationFolder.Password}\n", StringComparison.Ordinal));
        Assert.Empty(filledIn.Findings);
        Assert.NotNull(filledIn.Settings);
    }

    [Fact]
    public void The_sample_holds_every_key_of_the_schema_with_its_default()
    {
        var sample = IniDocument.Parse(File.ReadAllText(InRepository("config.ini.sample")));

        Assert.Empty(sample.Problems);
        Assert.Equal(ProductCatalogue.Schema.Sections.Select(section => section.Name), sample.Sections.Select(section => section.Name));
        Assert.All(ProductCatalogue.Schema.Sections, section => Assert.All(section.Keys, key =>
            Assert.Equal(key.Default, sample.FindSection(section.Name)!.Find(key.Name)!.Value)));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("findings")]
    public void The_tables_of_the_documentation_are_what_the_schema_says(string table)
    {
        using var expected = new StringWriter { NewLine = "\n" };
        if (table == "keys")
        {
            ConfigurationReference.WriteKeys(expected, ProductCatalogue.Schema);
        }
        else
        {
            ConfigurationReference.WriteFindings(expected);
        }

        var file = InRepository(Path.Combine("docs", "configuration.md"));
        var document = File.ReadAllText(file).ReplaceLineEndings("\n");
        var (start, end) = ($"<!-- generated: {table} -->\n", $"\n<!-- end of {table} -->");
        var from = document.IndexOf(start, StringComparison.Ordinal) + start.Length;
        var to = document.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= start.Length && to >= from, $"docs/configuration.md has no place for the table {table}.");
        if (MayRegenerate)
        {
            File.WriteAllText(file, string.Concat(document.AsSpan(0, from), expected.ToString(), document.AsSpan(to)));
            return;
        }

        Assert.Equal(expected.ToString(), document[from..to]);
    }

    private static string InRepository(string path, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", path));
}
