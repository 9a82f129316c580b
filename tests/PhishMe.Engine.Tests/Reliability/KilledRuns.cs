using PhishMe.Torture;
using PhishMe.Torture.Kills;
using PhishMe.Torture.Pushing;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>
/// Invariants 1 to 3 and 6: <c>phishme sync</c> in a process of its own, killed by SIGKILL. Some sixty kills here; each step of each scenario in the
/// slow target (tests/PhishMe.Torture).
/// </summary>
public sealed class KilledRuns(ITestOutputHelper output)
{
    [Fact]
    public Task A_backfill_killed_at_any_step_ends_as_if_nothing_had_happened() => KillAsync(KillScenario.FirstRun, atSteps: 17, whileWaiting: 3);

    [Fact]
    public Task Updates_and_withdrawals_killed_at_any_step_end_as_if_nothing_had_happened() => KillAsync(KillScenario.Updates, atSteps: 12, whileWaiting: 2);

    [Fact]
    public Task The_legacy_layout_survives_kills_too() => KillAsync(KillScenario.LegacyUpdates, atSteps: 3, whileWaiting: 0);

    [Fact]
    public Task The_store_holds_every_threat_once_after_kills() => KillAsync(KillScenario.StoreUpdates, atSteps: 6, whileWaiting: 1);

    [Fact]
    public Task What_is_rendered_here_survives_kills() => KillAsync(KillScenario.LocalUpdates, atSteps: 4, whileWaiting: 0);

    [Fact]
    public Task STIX_2_1_survives_kills() => KillAsync(KillScenario.BundleUpdates, atSteps: 3, whileWaiting: 0);

    [Fact]
    public Task Products_over_HTTP_have_everything_once_after_a_backfill_that_was_killed() =>
        KillAsync(KillScenario.PushBackfill, atSteps: 4, whileWaiting: 0, whileDelivering: 3);

    [Fact]
    public Task Products_over_HTTP_have_every_change_and_withdrawal_once_after_kills() =>
        KillAsync(KillScenario.PushUpdates, atSteps: 6, whileWaiting: 0, whileDelivering: 4);

    [Fact]
    public Task Readers_of_TAXII_get_every_object_once_and_in_order_after_kills() => KillAsync(KillScenario.TaxiiUpdates, atSteps: 4, whileWaiting: 1);

    /// <summary>Between the commit of the threats and the end of the run, where they get their places.</summary>
    [Theory]
    [InlineData("taxii-begun")]
    [InlineData("taxii-expired")]
    [InlineData("taxii-placed")]
    public async Task A_run_killed_while_it_places_what_it_stored_is_completed_by_the_next(string step)
    {
        await using var lane = await PrepareAsync(KillScenario.TaxiiUpdates, Environment.TickCount);
        var last = lane.Steps["state-after-commit"];
        var verdict = await lane.KillAsync([KillPoint.At("state-after-commit", last), KillPoint.At(step, 1)], TestContext.Current.CancellationToken);

        Assert.Equal(2, verdict.Kills);
        Assert.True(verdict.IsGood, verdict.ToString());
    }

    [Fact]
    public Task A_catch_up_from_the_store_survives_kills() => KillAsync(KillScenario.StoreCatchUp, atSteps: 5, whileWaiting: 0);

    [Fact]
    public Task A_catch_up_by_a_backfill_of_its_own_survives_kills() => KillAsync(KillScenario.BackfillCatchUp, atSteps: 5, whileWaiting: 1);

    [Fact]
    public async Task A_kill_behind_the_last_batch_of_a_catch_up_repeats_nothing()
    {
        await using var lane = await PrepareAsync(KillScenario.ChangesCatchUp, Environment.TickCount);
        var verdict = await lane.KillAsync(
            [KillPoint.At("catch-up-committed", lane.Steps["catch-up-committed"])], TestContext.Current.CancellationToken);

        Assert.Equal(1, verdict.Kills);
        Assert.True(verdict.IsGood, verdict.ToString());
    }

    /// <summary>The third time is the step to version 6, which makes the order of TAXII.</summary>
    [Theory]
    [InlineData("upgrade-deliveries-moved", 1)]
    [InlineData("upgrade-tables-changed", 1)]
    [InlineData("upgrade-before-commit", 1)]
    [InlineData("upgrade-after-commit", 1)]
    [InlineData("upgrade-tables-changed", 3)]
    [InlineData("upgrade-before-commit", 3)]
    [InlineData("upgrade-after-commit", 3)]
    [InlineData("run-begun", 1)]
    [InlineData("taxii-placed", 1)]
    public async Task An_upgrade_of_the_state_file_is_done_whole_or_not_at_all(string step, int time)
    {
        await using var lane = await PrepareAsync(KillScenario.Upgrade, Environment.TickCount);
        var verdict = await lane.KillAsync([KillPoint.At(step, time)], TestContext.Current.CancellationToken);

        Assert.Equal(1, verdict.Kills);
        Assert.True(verdict.IsGood, verdict.ToString());
    }

    [Fact]
    public async Task Until_all_of_a_batch_is_on_the_disk_readers_see_the_old_files()
    {
        await using var script = await ThreatScript.StartAsync(Environment.TickCount, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], Append = false });
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        script.Simulator.ChangelogPageSize = 1000;
        var changed = script.Ids()[..4];
        Array.ForEach(changed, script.Simulator.Republish);
        var before = installation.VisibleFiles();
        SortedDictionary<string, string>? seen = null;

        await installation.RunAsync(
            step =>
            {
                if (step == "file-before-rename")
                {
                    seen ??= installation.VisibleFiles();
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(before, seen!.Where(file => !file.Key.Contains("phishme-partial", StringComparison.Ordinal)));
        Assert.Equal(changed.Length, installation.VisibleFiles().Count(file => file.Key.EndsWith(".json", StringComparison.Ordinal) && before[file.Key] != file.Value));
    }

    [Theory]
    [InlineData("state-recorded")]
    [InlineData("state-after-commit")]
    [InlineData("syslog-sent")]
    [InlineData("syslog-confirmed")]
    [InlineData("queue-removed")]
    public async Task Every_event_reaches_the_collector_in_order_and_a_kill_repeats_the_batch_in_flight_at_most(string step)
    {
        await using var lane = await PrepareAsync(KillScenario.SyslogUpdates, Environment.TickCount);
        var verdict = await lane.KillAsync([KillPoint.At(step, 1)], TestContext.Current.CancellationToken);

        Assert.Equal(1, verdict.Kills);
        Assert.True(verdict.IsGood, verdict.ToString());
    }

    [Fact]
    public async Task A_run_killed_while_it_repairs_what_a_killed_run_left_is_repaired_by_the_third()
    {
        await using var lane = await PrepareAsync(KillScenario.Updates, Environment.TickCount);
        var verdict = await lane.KillAsync(
            [KillPoint.At("append-before-flush", 2), KillPoint.At("append-repaired", 1), KillPoint.At("files-before-flush", 1)],
            TestContext.Current.CancellationToken);

        Assert.Equal(3, verdict.Kills);
        Assert.True(verdict.IsGood, verdict.ToString());
    }

    private async Task KillAsync(KillScenario scenario, int atSteps, int whileWaiting, int whileDelivering = 0)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var lane = await PrepareAsync(scenario, seed);
        KillPoint[] points =
        [
            .. KillCampaign.Selection(lane, atSteps, random),
            .. KillCampaign.WhileWaiting(lane, whileWaiting, random),
            .. KillCampaign.WhileDelivering(lane, whileDelivering, random),
        ];
        var verdicts = await KillCampaign.RunAsync(
            [lane], points.Select(point => (IReadOnlyList<KillPoint>)[point]), report: null, TestContext.Current.CancellationToken);

        Assert.Empty(verdicts.Where(verdict => !verdict.IsGood).Select(verdict => verdict.ToString()));
        Assert.All(verdicts.Where(verdict => verdict.Points[0].How == KillTrigger.Step), verdict => Assert.Equal(1, verdict.Kills));
        Assert.Equal([], SecretHunt.In(lane.Installation, PushTargets.Secrets));
    }

    private static Task<KillLane> PrepareAsync(KillScenario scenario, int seed) =>
        KillLane.PrepareAsync(scenario, seed, threats: 14, DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);
}
