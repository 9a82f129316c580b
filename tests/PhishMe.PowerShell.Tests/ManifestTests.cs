using System.Text.RegularExpressions;

namespace PhishMe.PowerShell.Tests;

public sealed partial class ManifestTests
{
    [Fact]
    public void Version_is_the_one_of_the_build() =>
        Assert.Equal([BuiltModule.ProductVersion], BuiltModule.ManifestEntry("ModuleVersion"));

    [Fact]
    public void Assemblies_carry_the_version_of_the_build() =>
        Assert.Equal(BuiltModule.ProductVersion, typeof(PhishMeCmdlet).Assembly.GetName().Version!.ToString(3));

    [Fact]
    public void Exports_exactly_the_cmdlets_of_the_assembly() =>
        Assert.Equal(
            BuiltModule.Cmdlets.Select(cmdlet => cmdlet.Name),
            BuiltModule.ManifestEntry("CmdletsToExport").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("AliasesToExport")]
    [InlineData("VariablesToExport")]
    public void Exports_nothing_else(string entry) => Assert.Empty(BuiltModule.ManifestEntry(entry));

    [Theory]
    [InlineData("RootModule", "PhishMe.PowerShell.dll")]
    [InlineData("PowerShellVersion", "7.6")]
    [InlineData("CompatiblePSEditions", "Core")]
    [InlineData("FormatsToProcess", "PhishMe.Format.ps1xml")]
    public void States_what_the_module_is_and_needs(string entry, string value) =>
        Assert.Equal([value], BuiltModule.ManifestEntry(entry));

    [Fact]
    public void Uses_no_script_and_no_wildcard()
    {
        Assert.DoesNotContain("'*'", BuiltModule.ManifestText, StringComparison.Ordinal);
        Assert.DoesNotContain(".psm1", BuiltModule.ManifestText, StringComparison.Ordinal);
        Assert.DoesNotContain("ScriptsToProcess", BuiltModule.ManifestText, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_notes_are_those_of_the_changelog()
    {
        var notes = Regex.Match(
            File.ReadAllText(Path.Combine(BuiltModule.RepositoryRoot, "CHANGELOG.md")),
            $@"^## {Regex.Escape(BuiltModule.ProductVersion)}\n\n(?<notes>.*?)\s*(?=^## |\z)",
            RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.True(notes.Success, "CHANGELOG.md has no section for this version.");

        var manifest = File.ReadAllText(Path.Combine(BuiltModule.RepositoryRoot, "PhishMe.psd1"));
        CommittedFile.AssertIs("PhishMe.psd1", ReleaseNotes().Replace(manifest, _ => $"ReleaseNotes             = @'\n{notes.Groups["notes"].Value}\n'@"));
    }

    [GeneratedRegex(@"ReleaseNotes +=.*?\n'@", RegexOptions.Singleline)]
    private static partial Regex ReleaseNotes();
}
