using PhishMe.PowerShell.Hosting;

namespace PhishMe.PowerShell.Tests;

/// <summary>Which engine of a module is loaded.</summary>
public sealed class EngineFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-folder-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("linux-x64", "linux-x64")]
    [InlineData("win-x64", "win-x64")]
    [InlineData("linux-musl-x64", "")]
    [InlineData("linux-arm64", "")]
    public void The_engine_that_was_compiled_ahead_for_the_platform_or_the_one_for_all(string platform, string expected)
    {
        foreach (var folder in new[] { "", "linux-x64", "win-x64", "linux-arm64" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, folder));
        }

        foreach (var folder in new[] { "", "linux-x64", "win-x64" })
        {
            File.WriteAllText(Path.Combine(_folder.FullName, folder, "PhishMe.Engine.dll"), string.Empty);
        }

        Assert.Equal(
            Path.Combine(_folder.FullName, expected, "PhishMe.Engine.dll"), EngineLoadContext.FindEngine(_folder.FullName, platform));
    }
}
