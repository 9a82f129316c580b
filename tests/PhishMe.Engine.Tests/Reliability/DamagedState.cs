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
        await using var script = await ThreatScript.StartAsync(21, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        Damage(installation, damage);

        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, false), (summary.ExitCode, summary.Backfill));
        var said = Assert.Single(summary.Warnings, warning => warning.Contains("The state file", StringComparison.Ordinal));
        Assert.Contains("continues from the position", said);
        Assert.Contains(said, File.ReadAllText(installation.LogPath));
        Assert.Equal(damage != "empty", Directory.EnumerateFiles(installation.Folder, "config.db.damaged-*").Any());
        await AssertCompleteAsync(installation);
    }

    [Fact]
    public async Task A_page_garbled_in_the_middle_is_met_in_the_middle_of_a_run_and_that_run_still_ends_well()
    {
        await using var script = await ThreatScript.StartAsync(22, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var intact = installation.TakeSnapshot();
        var pages = (int)(new FileInfo(installation.StatePath).Length / 4096);
        var noticed = 0;
        for (var page = 1; page < pages; page++)
        {
            installation.RestoreSnapshot(intact);
            Garble(installation, page);
            var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

            Assert.Equal((ExitCode.Done, false), (summary.ExitCode, summary.Backfill));
            noticed += summary.Warnings.Any(warning => warning.Contains("is damaged", StringComparison.Ordinal)) ? 1 : 0;
            await AssertCompleteAsync(installation);
        }

        Assert.True(noticed >= 3, $"noticed {noticed} of {pages - 1}");
    }

    [Fact]
    public async Task After_a_run_that_died_every_page_is_checked_before_anything_is_built_on_it()
    {
        await using var script = await ThreatScript.StartAsync(23, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        (_, var killed) = await SyncProcess.RunAsync(installation, KillPoint.At("append-before-flush", 1), TestContext.Current.CancellationToken);
        Checkpoint(installation);
        Garble(installation, (int)(new FileInfo(installation.StatePath).Length / 4096) - 1);

        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(killed);
        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains(summary.Warnings, warning => warning.Contains("is damaged", StringComparison.Ordinal));
        await AssertCompleteAsync(installation);
    }

    [Fact]
    public async Task Without_a_position_the_damage_starts_a_new_backfill_and_says_so()
    {
        await using var script = await ThreatScript.StartAsync(24, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        await SyncProcess.RunAsync(installation, KillPoint.At("state-before-commit", 3), TestContext.Current.CancellationToken);
        Checkpoint(installation);
        Damage(installation, "header");

        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, true), (summary.ExitCode, summary.Backfill));
        Assert.Contains(summary.Warnings, warning => warning.Contains("a new backfill starts", StringComparison.Ordinal));
        await AssertCompleteAsync(installation);
    }

    private static async Task<TortureInstallation> UpToDateAsync(ThreatScript script)
    {
        var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        script.Simulator.ChangelogPageSize = 1000;
        var ids = script.Ids();
        script.Simulator.Publish(3);
        script.Simulator.Republish(ids[1]);
        script.Simulator.Withdraw(ids[2]);
        return installation;
    }

    private static async Task AssertCompleteAsync(TortureInstallation installation)
    {
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal([], Completeness.Of(installation));
    }

    private static void Checkpoint(TortureInstallation installation)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={installation.StatePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private static void Damage(TortureInstallation installation, string damage)
    {
        using var file = File.Open(installation.StatePath, FileMode.Open);
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

    private static void Garble(TortureInstallation installation, int page)
    {
        var noise = new byte[4096];
        new Random(page).NextBytes(noise);
        using var file = File.Open(installation.StatePath, FileMode.Open);
        file.Position = page * 4096L;
        file.Write(noise);
    }
}
