using System.Text;
using PhishMe.Intelligence;
using PhishMe.Torture;
using PhishMe.Torture.Kills;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>A state file that is no longer what a run wrote is noticed, set aside and rebuilt from the position: said, never silently from scratch.</summary>
public sealed class DamagedState
{
    [Theory]
    [InlineData("header")]
    [InlineData("half")]
    [InlineData("empty")]
    [InlineData("schema page")]
    public async Task It_is_set_aside_with_a_message_and_the_run_goes_on_from_the_position(string damage)
    {
        await using var world = await World.StartAsync(21, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        Damage(site, damage);

        var summary = await site.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, false), (summary.ExitCode, summary.Backfill));
        var said = Assert.Single(summary.Warnings, warning => warning.Contains("The state file", StringComparison.Ordinal));
        Assert.Contains("continues from the position", said);
        Assert.Contains(said, File.ReadAllText(site.LogPath));
        Assert.Equal(damage != "empty", Directory.EnumerateFiles(site.Folder, "config.db.damaged-*").Any());
        await AssertCompleteAsync(site);
    }

    [Fact]
    public async Task A_page_garbled_in_the_middle_is_met_in_the_middle_of_a_run_and_that_run_still_ends_well()
    {
        await using var world = await World.StartAsync(22, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var intact = site.Photograph();
        var pages = (int)(new FileInfo(site.StatePath).Length / 4096);
        var noticed = 0;
        for (var page = 1; page < pages; page++)
        {
            site.PutBack(intact);
            Garble(site, page);
            var summary = await site.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

            Assert.Equal((ExitCode.Done, false), (summary.ExitCode, summary.Backfill));
            noticed += summary.Warnings.Any(warning => warning.Contains("is damaged", StringComparison.Ordinal)) ? 1 : 0;
            await AssertCompleteAsync(site);
        }

        Assert.True(noticed >= 3, $"noticed {noticed} of {pages - 1}");
    }

    [Fact]
    public async Task After_a_run_that_died_every_page_is_checked_before_anything_is_built_on_it()
    {
        await using var world = await World.StartAsync(23, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        (_, var killed) = await SyncProcess.RunAsync(site, KillPoint.At("append-before-flush", 1), TestContext.Current.CancellationToken);
        Checkpoint(site);
        Garble(site, (int)(new FileInfo(site.StatePath).Length / 4096) - 1);

        var summary = await site.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(killed);
        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, warning => warning.Contains("is damaged", StringComparison.Ordinal));
        await AssertCompleteAsync(site);
    }

    [Fact]
    public async Task Without_a_position_the_damage_starts_a_new_backfill_and_says_so()
    {
        await using var world = await World.StartAsync(24, 14, DateTimeOffset.UtcNow);
        using var site = new Site(world.Simulator, new SiteOptions { InitialDate = world.InitialDate });
        await SyncProcess.RunAsync(site, KillPoint.At("state-before-commit", 3), TestContext.Current.CancellationToken);
        Checkpoint(site);
        Damage(site, "header");

        var summary = await site.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, true), (summary.ExitCode, summary.Backfill));
        Assert.Contains(summary.Warnings, warning => warning.Contains("a new backfill starts", StringComparison.Ordinal));
        await AssertCompleteAsync(site);
    }

    private static async Task<Site> UpToDateAsync(World world)
    {
        var site = new Site(world.Simulator, new SiteOptions { InitialDate = world.InitialDate });
        await site.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        world.Simulator.ChangelogPageSize = 1000;
        var ids = world.Ids();
        world.Simulator.Publish(3);
        world.Simulator.Republish(ids[1]);
        world.Simulator.Withdraw(ids[2]);
        return site;
    }

    private static async Task AssertCompleteAsync(Site site)
    {
        await site.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal([], Completeness.Of(site));
    }

    private static void Checkpoint(Site site)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={site.StatePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private static void Damage(Site site, string damage)
    {
        using var file = File.Open(site.StatePath, FileMode.Open);
        switch (damage)
        {
            case "header":
                file.Write(Encoding.ASCII.GetBytes("This is a text that somebody saved in the wrong place."));
                break;
            case "half":
                file.SetLength(file.Length / 2);
                break;
            case "empty":
                file.SetLength(0);
                break;
            default:
                file.Position = 100;
                file.Write(new byte[1000]);
                break;
        }
    }

    private static void Garble(Site site, int page)
    {
        var noise = new byte[4096];
        new Random(page).NextBytes(noise);
        using var file = File.Open(site.StatePath, FileMode.Open);
        file.Position = page * 4096L;
        file.Write(noise);
    }
}
