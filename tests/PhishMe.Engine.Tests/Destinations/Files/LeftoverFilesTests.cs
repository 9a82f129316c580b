using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Destinations.Files;

/// <summary>What a killed run left under temporary names.</summary>
public sealed class LeftoverFilesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Temporary_files_of_another_run_are_in_nobodys_way_and_go(bool stateIsLost)
    {
        await using var script = await ThreatScript.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 10 });
        if (!stateIsLost)
        {
            await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
            Array.ForEach(script.Ids()[..3], script.Simulator.Republish);
        }

        var partial = Path.Combine(installation.InFolder("json"), ".phishme-partial");
        Directory.CreateDirectory(Path.Combine(partial, "abcdefgh-1"));
        foreach (var id in script.Ids())
        {
            File.WriteAllText(Path.Combine(partial, $"{id}.1.json"), "torn");
            File.WriteAllText(Path.Combine(partial, "abcdefgh-1", $"{id}.1.json"), "torn");
        }

        var summary = await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal([], Completeness.Of(installation));
        Assert.False(Directory.Exists(partial));
    }
}
