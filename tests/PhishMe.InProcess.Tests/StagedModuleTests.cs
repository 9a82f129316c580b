namespace PhishMe.InProcess.Tests;

/// <summary>The SDK stays with the tests: the host of a user brings its own PowerShell.</summary>
public sealed class StagedModuleTests
{
    [Fact]
    public void Nothing_of_the_SDK_is_shipped()
    {
        var ours = Names(AppContext.BaseDirectory);
        Assert.Contains("Microsoft.PowerShell.SDK.dll", ours);
        Assert.Contains("System.Management.Automation.dll", ours);

        Assert.Empty(Names(Shell.ModuleFolder).Intersect(ours, StringComparer.OrdinalIgnoreCase));
    }

    private static HashSet<string> Names(string folder) => [.. Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories).Select(file => Path.GetFileName(file))];
}
