using System.Reflection;
using System.Text.RegularExpressions;

namespace PhishMe.PowerShell.Tests;

/// <summary>The module as the build left it: manifest, assembly, staged folder. Read, never run.</summary>
internal static partial class BuiltModule
{
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    public static string StagedFolder { get; } = Metadata("StagedModule");

    /// <summary>The restored pwsh, to be started with <c>dotnet exec</c>.</summary>
    public static string Pwsh { get; } = Metadata("Pwsh");

    /// <summary>The tool that lists the packages in a release.</summary>
    public static string BomTool { get; } = Metadata("BomTool");

    /// <summary>The sample, as a program.</summary>
    public static string QuickStart { get; } = Metadata("QuickStart");

    public static string ProductVersion { get; } = Metadata("ProductVersion");

    public static string ManifestText { get; } = File.ReadAllText(Path.Combine(StagedFolder, "PhishMe.psd1"));

    /// <summary>The cmdlets of the assembly, by name.</summary>
    public static IReadOnlyList<CmdletShape> Cmdlets { get; } =
    [
        .. typeof(PhishMeCmdlet).Assembly.GetExportedTypes()
            .Select(CmdletShape.Of)
            .OfType<CmdletShape>()
            .OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal),
    ];

    /// <summary>All staged files, relative, with forward slashes.</summary>
    public static IReadOnlyList<string> StagedFiles { get; } =
    [
        .. Directory.EnumerateFiles(StagedFolder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(StagedFolder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The single-quoted strings of one entry of the manifest: a value, or the items of an array.</summary>
    public static IReadOnlyList<string> ManifestEntry(string key)
    {
        var entry = Regex.Match(ManifestText, $@"^\s*{key}\s*=\s*(@\((?<items>[^)]*)\)|(?<items>'[^']*'))", RegexOptions.Multiline);
        Assert.True(entry.Success, $"The manifest has no entry {key}.");
        return [.. QuotedString().Matches(entry.Groups["items"].Value).Select(match => match.Groups["text"].Value)];
    }

    [GeneratedRegex("'(?<text>[^']*)'")]
    private static partial Regex QuotedString();

    private static string Metadata(string key) =>
        typeof(BuiltModule).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
