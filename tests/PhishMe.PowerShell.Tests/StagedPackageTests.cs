using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace PhishMe.PowerShell.Tests;

/// <summary>The folder that Import-Module and the gallery take.</summary>
public sealed class StagedPackageTests
{
    // Microsoft.NETCore.App, which PowerShell brings along.
    private static readonly HashSet<string> SharedFramework =
    [
        .. Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll").Select(file => Path.GetFileName(file)),
    ];

    [Fact]
    public void Root_holds_the_shell_and_nothing_else() =>
        Assert.Equal(
            ["LICENSE", "PhishMe.Format.ps1xml", "PhishMe.Intelligence.dll", "PhishMe.PowerShell.dll", "PhishMe.psd1"],
            BuiltModule.StagedFiles.Where(file => !file.Contains('/', StringComparison.Ordinal)));

    [Fact]
    public void Folders_are_help_and_engine() =>
        Assert.Equal(
            ["en-US", "engine"],
            BuiltModule.StagedFiles.Where(file => file.Contains('/', StringComparison.Ordinal)).Select(file => file.Split('/')[0]).Distinct());

    [Fact]
    public void No_assembly_of_the_shared_framework_is_shipped() =>
        Assert.DoesNotContain(Assemblies, file => SharedFramework.Contains(Path.GetFileName(file)));

    [Fact]
    public void No_assembly_of_PowerShell_is_shipped() =>
        Assert.DoesNotContain(BuiltModule.StagedFiles, file => file.Contains("Automation", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void No_assembly_is_shipped_twice() =>
        Assert.Distinct(Assemblies.Select(file => Path.GetFileName(file)), StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Shell_needs_only_the_vocabulary_PowerShell_and_the_framework() =>
        Assert.Equal(["PhishMe.Intelligence", "System.Management.Automation"], ReferencesBeyondFramework("PhishMe.PowerShell.dll"));

    [Fact]
    public void Vocabulary_needs_only_the_framework() => Assert.Empty(ReferencesBeyondFramework("PhishMe.Intelligence.dll"));

    [Fact]
    public void Engine_lies_with_all_its_dependencies()
    {
        using var deps = JsonDocument.Parse(File.ReadAllText(Staged("engine/PhishMe.Engine.deps.json")));
        var needed = deps.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject()
            .Where(library => library.Value.TryGetProperty("runtime", out _))
            .SelectMany(library => library.Value.GetProperty("runtime").EnumerateObject())
            .Select(asset => "engine/" + Path.GetFileName(asset.Name))
            .Where(file => file != "engine/PhishMe.Intelligence.dll")
            .ToHashSet();
        Assert.Subset(BuiltModule.StagedFiles.ToHashSet(), needed);
    }

    [Fact]
    public void Native_SQLite_is_there_for_every_platform_of_PowerShell_and_no_other() =>
        Assert.Equal(
            [
                "engine/runtimes/linux-arm64/native/libe_sqlite3.so",
                "engine/runtimes/linux-musl-arm64/native/libe_sqlite3.so",
                "engine/runtimes/linux-musl-x64/native/libe_sqlite3.so",
                "engine/runtimes/linux-x64/native/libe_sqlite3.so",
                "engine/runtimes/osx-arm64/native/libe_sqlite3.dylib",
                "engine/runtimes/osx-x64/native/libe_sqlite3.dylib",
                "engine/runtimes/win-arm64/native/e_sqlite3.dll",
                "engine/runtimes/win-x64/native/e_sqlite3.dll",
            ],
            BuiltModule.StagedFiles.Where(file => file.StartsWith("engine/runtimes/", StringComparison.Ordinal)));

    [Fact]
    public void Nothing_of_the_build_is_left_over() =>
        Assert.All(
            BuiltModule.StagedFiles,
            file => Assert.DoesNotContain(Path.GetExtension(file), new[] { ".pdb", ".cs", ".csproj", ".targets", ".lock", ".user" }));

    [Fact]
    public void About_topic_is_there() => Assert.Contains("en-US/about_PhishMe.help.txt", BuiltModule.StagedFiles);

    [Fact]
    public void Factory_the_shell_asks_for_exists_under_its_name()
    {
        using PEReader engine = new(File.OpenRead(Staged("engine/PhishMe.Engine.dll")));
        var metadata = engine.GetMetadataReader();
        Assert.Contains(
            metadata.TypeDefinitions.Select(metadata.GetTypeDefinition),
            type => metadata.GetString(type.Namespace) == "PhishMe.Engine" && metadata.GetString(type.Name) == "EngineFactory");
    }

    private static IEnumerable<string> Assemblies => BuiltModule.StagedFiles
        .Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !file.Contains("/runtimes/", StringComparison.Ordinal));

    private static string Staged(string file) => Path.Combine(BuiltModule.StagedFolder, file);

    private static IEnumerable<string> ReferencesBeyondFramework(string file)
    {
        using PEReader assembly = new(File.OpenRead(Staged(file)));
        var metadata = assembly.GetMetadataReader();
        return
        [
            .. metadata.AssemblyReferences
                .Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))
                .Where(name => !SharedFramework.Contains(name + ".dll"))
                .Order(StringComparer.Ordinal),
        ];
    }
}
