using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PhishMe.PowerShell.Tests;

/// <summary>The first command of the README, as a process.</summary>
public sealed partial class QuickStartTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("quickstart-test-home-");
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("quickstart-test-tmp-");
    private readonly DirectoryInfo _scripts = Directory.CreateTempSubdirectory("quickstart-test-tour-");

    [Fact]
    public async Task The_tour_runs_every_step_in_a_real_PowerShell_and_leaves_nothing_behind()
    {
        var (exitCode, text) = await RunAsync();

        Assert.True(exitCode == 0, text);
        var titles = StepTitles().Matches(await File.ReadAllTextAsync(Tour, TestContext.Current.CancellationToken)).Select(step => step.Groups[1].Value).ToArray();
        Assert.Equal(11, titles.Length);
        Assert.All(titles, title => Assert.Contains("# " + title, text, StringComparison.Ordinal));
        Assert.Contains("PS> Find-PhishMeIndicator -Path ./proxy.log", text, StringComparison.Ordinal);
        Assert.Equal(2, RunsDone().Count(text));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("Import-Module PhishMe")]
    [InlineData("Test-PhishMeConfiguration ./config.ini")]
    [InlineData("Get-PhishMeThreat -FromStore -IncludeWithdrawn | Where-Object Withdrawn")]
    public async Task A_step_that_does_nothing_ends_the_tour_with_an_error(string command)
    {
        var broken = Path.Combine(_scripts.FullName, "Tour.ps1");
        var script = await File.ReadAllTextAsync(Tour, TestContext.Current.CancellationToken);
        Assert.Contains($"    {command}\n", script, StringComparison.Ordinal);
        await File.WriteAllTextAsync(broken, script.Replace($"    {command}\n", "", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(Path.GetDirectoryName(Tour)!, "Step.ps1"), Path.Combine(_scripts.FullName, "Step.ps1"));

        var (exitCode, text) = await RunAsync("--tour", broken);

        Assert.True(exitCode == 1, text);
        Assert.Matches("This step (failed|did not do what it says)", text);
        AssertNothingIsLeft();
    }

    [Fact]
    [NotOnWindows("Needs signals.")]
    public async Task A_tour_that_is_stopped_leaves_nothing_behind()
    {
        using var program = Start();
        Assert.NotNull(await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        using var kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
        await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(130, program.ExitCode);
        AssertNothingIsLeft();
    }

    [Fact]
    [NotOnWindows("Needs signals.")]
    public async Task With_serve_it_serves_until_it_is_stopped()
    {
        using var program = Start("--serve", "--port", "0");
        var addresses = new Dictionary<string, Uri>(StringComparer.Ordinal);
        var seen = new System.Text.StringBuilder();
        while (addresses.Count < 2)
        {
            var line = await program.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.True(line is not null, seen.ToString());
            seen.AppendLine(line);
            if (ListensAt().Match(line) is { Success: true } match)
            {
                addresses[match.Groups[1].Value] = new Uri(match.Groups[2].Value);
            }
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var page = await client.GetStringAsync(addresses["feed_server"], TestContext.Current.CancellationToken);
        using var list = await client.GetAsync(new Uri(addresses["feed_server"], "feeds/paloalto_minemeld/domain.txt"), TestContext.Current.CancellationToken);
        using var kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
        await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("How the integration is doing", page, StringComparison.Ordinal);
        Assert.True(list.IsSuccessStatusCode);
        Assert.Equal(130, program.ExitCode);
        AssertNothingIsLeft();
    }

    public void Dispose()
    {
        _home.Delete(recursive: true);
        _temporary.Delete(recursive: true);
        _scripts.Delete(recursive: true);
    }

    private static string Tour => Path.Combine(BuiltModule.RepositoryRoot, "samples", "QuickStart", "Tour.ps1");

    private async Task<(int ExitCode, string Text)> RunAsync(params string[] arguments)
    {
        using var program = Start(arguments);

        // The whole output has come only when pwsh, which writes to the same pipe, has ended too.
        var text = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (program.ExitCode, text);
    }

    private Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [BuiltModule.QuickStart, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = arguments.Contains("--serve"),
            Environment =
            {
                ["HOME"] = _home.FullName,
                ["USERPROFILE"] = _home.FullName,
                ["TMPDIR"] = _temporary.FullName,
                ["TMP"] = _temporary.FullName,
                ["TEMP"] = _temporary.FullName,
            },
        })!;

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_temporary.EnumerateFileSystemInfos());
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    [GeneratedRegex(@"^ExitCode +: Done \(0\)", RegexOptions.Multiline)]
    private static partial Regex RunsDone();

    [GeneratedRegex(@"\[(\w+)\] listens at (\S+)")]
    private static partial Regex ListensAt();

    [GeneratedRegex("^Step '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex StepTitles();
}
