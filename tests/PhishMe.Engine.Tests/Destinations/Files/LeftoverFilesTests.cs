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
        await using var world = await World.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var site = new Site(world.Simulator, new SiteOptions { InitialDate = world.InitialDate, Formats = ["json"], ResultsPerPage = 10 });
        if (!stateIsLost)
        {
            await site.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
            Array.ForEach(world.Ids()[..3], world.Simulator.Republish);
        }

        var partial = Path.Combine(site["json"], ".phishme-partial");
        Directory.CreateDirectory(Path.Combine(partial, "abcdefgh-1"));
        foreach (var id in world.Ids())
        {
            File.WriteAllText(Path.Combine(partial, $"{id}.1.json"), "torn");
            File.WriteAllText(Path.Combine(partial, "abcdefgh-1", $"{id}.1.json"), "torn");
        }

        var summary = await site.RunUntilCurrentAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal([], Completeness.Of(site));
        Assert.False(Directory.Exists(partial));
    }
}
