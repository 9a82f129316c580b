using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PhishMe.PowerShell.Tests;

/// <summary>What a release holds, made of the staged module; all but the native program, which needs a linker and minutes.</summary>
public sealed class PackageTests(PackageTests.Release release) : IClassFixture<PackageTests.Release>
{
    private static readonly string Version = BuiltModule.ProductVersion;

    [Fact]
    [NotOnWindows("Install-PSResource writes to the documents of the user there.")]
    public async Task Installed_from_a_folder_it_runs_the_whole_tour()
    {
        var home = Directory.CreateTempSubdirectory("package-test-home-");
        try
        {
            await Release.RunAsync(
                home.FullName,
                ["exec", BuiltModule.Pwsh, "-NoProfile", "-NonInteractive", "-Command", "$ErrorActionPreference = 'Stop'\n" + InstallCommands()]);
            var modules = Path.Combine(home.FullName, ".local", "share", "powershell", "Modules");
            Assert.True(File.Exists(Path.Combine(modules, "PhishMe", Version, "PhishMe.psd1")), "It was not installed.");

            // Its exit code says whether every step of the tour did what it says.
            await Release.RunAsync(home.FullName, [BuiltModule.QuickStart, "--modules", modules]);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_gallery_reads_what_it_asks_for()
    {
        using var package = ZipFile.OpenRead(release.File($"PhishMe.{Version}.nupkg"));
        using var stream = package.GetEntry("PhishMe.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

        Assert.Equal(("PhishMe", Version), (Value("id"), Value("version")));
        Assert.Equal(Release.ProjectUri, Value("projectUrl"));
        Assert.StartsWith("https://", Value("licenseUrl"), StringComparison.Ordinal);
        Assert.Contains("PSModule", Value("tags").Split(' '));
        Assert.All(BuiltModule.ManifestEntry("Tags"), tag => Assert.Contains(tag, Value("tags").Split(' ')));
        Assert.Contains("config.ini", Value("releaseNotes"), StringComparison.Ordinal);
        Assert.NotNull(package.GetEntry(Value("icon")));
    }

    [Fact]
    public void Package_and_zip_hold_the_staged_module()
    {
        using var zip = ZipFile.OpenRead(release.File($"PhishMe-{Version}.zip"));
        Assert.Equal(BuiltModule.StagedFiles.Select(file => $"PhishMe/{Version}/{file}"), zip.Entries.Select(entry => entry.FullName));

        using var package = ZipFile.OpenRead(release.File($"PhishMe.{Version}.nupkg"));
        Assert.Subset(package.Entries.Select(entry => entry.FullName).ToHashSet(), BuiltModule.StagedFiles.ToHashSet());
        Assert.All(BuiltModule.StagedFiles.Where(file => file != "PhishMe.psd1"), file =>
        {
            var staged = File.ReadAllBytes(Path.Combine(BuiltModule.StagedFolder, file));
            Assert.Equal(staged, Bytes(zip.GetEntry($"PhishMe/{Version}/{file}")!));
            Assert.Equal(staged, Bytes(package.GetEntry(file)!));
        });
    }

    [Fact]
    public void The_bill_of_materials_lists_every_package_of_the_engine_with_hash_and_nothing_of_this_machine()
    {
        var text = File.ReadAllText(release.File($"PhishMe-{Version}.cdx.json"));
        using var bill = JsonDocument.Parse(text);
        using var deps = JsonDocument.Parse(File.ReadAllText(Path.Combine(BuiltModule.StagedFolder, "engine", "PhishMe.Engine.deps.json")));
        var shipped = deps.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => "pkg:nuget/" + library.Name.Replace('/', '@'))
            .Order(StringComparer.Ordinal);
        var components = bill.RootElement.GetProperty("components").EnumerateArray().ToArray();

        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        Assert.Equal(shipped, components.Select(component => component.GetProperty("purl").GetString()).Order(StringComparer.Ordinal));
        Assert.All(components, component => Assert.NotEqual(0, component.GetProperty("hashes").GetArrayLength()));
        Assert.DoesNotContain(BuiltModule.RepositoryRoot.TrimEnd('/', '\\'), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_has_its_checksum()
    {
        var sums = File.ReadAllLines(release.File("SHA256SUMS")).Select(line => line.Split("  ")).ToDictionary(parts => parts[1], parts => parts[0]);
        var files = Directory.EnumerateFiles(release.Folder).Where(file => Path.GetFileName(file) != "SHA256SUMS").ToArray();

        Assert.Equal(files.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal), sums.Keys.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), sums[Path.GetFileName(file)]));
    }

    [Fact]
    public async Task Made_again_it_has_the_same_bytes()
    {
        using var again = new Release();
        await again.InitializeAsync();

        Assert.Equal(File.ReadAllText(release.File("SHA256SUMS")), File.ReadAllText(again.File("SHA256SUMS")));
    }

    /// <summary>The commands of the README, for this release.</summary>
    private string InstallCommands()
    {
        var readme = File.ReadAllText(Path.Combine(BuiltModule.RepositoryRoot, "README.md"));
        var commands = Regex.Match(readme, "```powershell\n(Register-PSResourceRepository .*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.Contains("./out/packages", commands, StringComparison.Ordinal);
        return commands.Replace("./out/packages", $"'{release.Folder}'", StringComparison.Ordinal);
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>A folder that build/Package/New-Package.ps1 has filled.</summary>
    public sealed class Release : IAsyncLifetime, IDisposable
    {
        public const string ProjectUri = "https://project.example/phishme";

        public string Folder { get; } = Directory.CreateTempSubdirectory("package-test-").FullName;

        public string File(string name) => Path.Combine(Folder, name);

        public async ValueTask InitializeAsync() => await RunAsync(
            home: null,
            [
                "exec", BuiltModule.Pwsh, "-NoProfile", "-NonInteractive",
                "-File", Path.Combine(BuiltModule.RepositoryRoot, "build", "Package", "New-Package.ps1"),
                "-Module", BuiltModule.StagedFolder, "-OutputPath", Folder, "-BomTool", BuiltModule.BomTool, "-ProjectUri", ProjectUri,
            ]);

        /// <summary>Runs a command of <c>dotnet</c>, as a user with this home folder or as the one who runs the tests.</summary>
        public static async Task RunAsync(string? home, string[] command)
        {
            var start = new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true, RedirectStandardError = true };
            if (home is not null)
            {
                start.Environment["HOME"] = home;
                foreach (var other in (string[])["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"])
                {
                    start.Environment.Remove(other);
                }
            }

            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output + await error);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void Dispose()
        {
            if (Directory.Exists(Folder))
            {
                Directory.Delete(Folder, recursive: true);
            }
        }
    }
}
