using System.Diagnostics;
using PhishMe.Engine.Running;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Intelligence;
using PhishMe.Torture;
using PhishMe.Torture.Hosts;
using PhishMe.Torture.Kills;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>
/// Hosts that share a state: killed, paused and cut off. Nothing is lost, nothing comes to a product twice but a batch that was in flight, and the files of
/// every host become complete. Five hundred kills are in the slow target (tests/PhishMe.Torture, <c>hosts</c>).
/// </summary>
public sealed class SharingHostsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Three_hosts_under_one_schedule_with_random_kills_end_as_if_nothing_had_happened()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");

        var verdict = await HostsCampaign.RunAsync(PostgreSqlServer.Shared, seed, kills: 12, output.WriteLine, TestContext.Current.CancellationToken);

        output.WriteLine(verdict.ToString());
        Assert.Equal([], verdict.Findings);
        Assert.True(verdict.Kills >= 12);
    }

    /// <summary>A run that is stopped, loses its session and its lease, and goes on when another host has done the work.</summary>
    [Theory]
    [InlineData("run-begun", null)]
    [InlineData("append-after-flush", null)]
    [InlineData("state-before-commit", null)]
    [InlineData("state-after-commit", null)]
    [InlineData("http-sent", "splunk_hec")]
    [InlineData("http-sent", "qradar_siem")]
    [InlineData("http-sent", "phantom")]
    [InlineData("http-recorded", "qradar_siem")]
    [InlineData("http-recorded", "phantom")]
    public async Task A_run_that_was_paused_and_lost_its_lease_commits_and_sends_nothing_when_it_wakes(string step, string? product)
    {
        // With one product no request of another is in hand when the run is paused: that one would still leave (docs/shared-state.md).
        var token = TestContext.Current.CancellationToken;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var hosts = await SharingHosts.StartAsync(PostgreSqlServer.Shared, via: null, product, seed, threats: 14, "alpha", "beta");
        await hosts.FollowAsync(token);
        Assert.Equal([], await hosts.SettleAsync(token));
        hosts.Script.ChangeAfterBackfill();
        await hosts.FollowAsync(token);

        using var paused = SyncProcess.Start([SelfKillingHost.Verb, hosts.All[0].ConfigurationPath, step, "1", SelfKillingHost.Pause]);
        var said = paused.StandardOutput.ReadToEndAsync(token);
        var errors = paused.StandardError.ReadToEndAsync(token);
        await StoppedAsync(paused.Id, token);
        Assert.Equal(1, await hosts.EndSessionAsync());
        var taken = await hosts.All[1].RunUntilCurrentAsync(token);
        Assert.True(taken.ExitCode is ExitCode.Done or ExitCode.DoneWithDeadLetters, $"{taken.ExitCode}: {taken.Fault}");
        var before = await ContentAsync(hosts);
        var requests = hosts.Targets.Requests;
        using (var wake = Process.Start("kill", ["-CONT", paused.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await wake.WaitForExitAsync(token);
        }

        await paused.WaitForExitAsync(token);
        output.WriteLine(await said + await errors);

        Assert.Equal(before, await ContentAsync(hosts));
        if (product is not null)
        {
            Assert.Equal(requests, hosts.Targets.Requests);
        }

        Assert.True(paused.ExitCode is (int)ExitCode.Locked or (int)ExitCode.OutputFailed, $"it ended with {paused.ExitCode}");
        Assert.Equal([], await hosts.SettleAsync(token));
        Assert.Equal([], await hosts.CompareAsync(disturbances: 1));
    }

    /// <summary>A batch that is not repeated, because another host went on: what it wrote, and what it removed, is as if it had never been.</summary>
    [Fact]
    public async Task What_a_dead_run_did_to_files_is_put_right_although_its_batch_does_not_come_again()
    {
        var token = TestContext.Current.CancellationToken;
        await using var hosts = await SharingHosts.StartAsync(PostgreSqlServer.Shared, Environment.TickCount, threats: 14, "alpha", "beta");
        await hosts.FollowAsync(token);
        Assert.Equal([], await hosts.SettleAsync(token));
        var ids = hosts.Script.Ids();
        var (type, number) = hosts.Script.Simulator.Publish(1)[0];
        var fresh = FormattableString.Invariant($"{type[0]}_{number}");
        hosts.Script.Simulator.Withdraw(ids[2]);

        (_, var killed) = await SyncProcess.RunAsync(hosts.All[0], KillPoint.At("state-before-commit", 1), token);
        Assert.True(killed);
        Assert.Single(FilesOf(hosts.All[0], fresh));
        Assert.Empty(FilesOf(hosts.All[0], ids[2]));
        hosts.Script.Simulator.Withdraw(fresh);
        hosts.Script.Simulator.Restore(ids[2]);
        await hosts.FollowAsync(token);
        await hosts.All[1].RunUntilCurrentAsync(token);

        Assert.Equal([], await hosts.SettleAsync(token));
        Assert.Equal([], await hosts.CompareAsync(disturbances: 1));
        Assert.Empty(FilesOf(hosts.All[0], fresh));
        Assert.Single(FilesOf(hosts.All[0], ids[2]));
    }

    /// <summary>
    /// The connection is cut at a commit. The server did not hear of it: the run ends, and the next repeats the batch. Or the server did it and the answer was
    /// lost: the run finds out and goes on.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_whose_answer_was_lost_is_neither_lost_nor_made_twice(bool isAnswered)
    {
        var token = TestContext.Current.CancellationToken;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var cutter = new CommitCutter(PostgreSqlServer.Shared.Folder);
        await using var hosts = await SharingHosts.StartAsync(PostgreSqlServer.Shared, cutter.Folder, product: null, seed, threats: 14, "alpha");
        var cuts = 0;
        for (var round = 0; round < 6; round++)
        {
            if (round > 0)
            {
                var ids = hosts.Script.Ids();
                hosts.Script.Simulator.Publish(2);
                hosts.Script.Simulator.Republish(ids[random.Next(ids.Length)]);
                hosts.Script.Simulator.Withdraw(ids[random.Next(ids.Length)]);
            }

            await hosts.FollowAsync(token);

            // The first commit of all makes the tables; a run that does not hear of it ends, and the next finds them.
            cutter.CutAt(random.Next(round == 0 ? 2 : 1, 14), isAnswered);
            var summary = await hosts.All[0].RunAsync(cancellationToken: token);
            Assert.True(
                summary.ExitCode is ExitCode.Done or ExitCode.DoneWithDeadLetters || (!isAnswered && summary.Fault?.Kind == Faults.StateServerUnreachable),
                $"round {round}, commit {cutter.Commits}: {summary.ExitCode} {summary.Fault}");
            cuts += cutter.Cuts;
            cutter.CutAt(0, isAnswered);
            Assert.Equal([], await hosts.SettleAsync(token));
        }

        Assert.True(cuts > 0);
        Assert.Equal([], await hosts.CompareAsync(disturbances: isAnswered ? 0 : cuts));
    }

    /// <summary>The server does not come back in time: the run does not know, leaves what it wrote where it is, and the next one learns what was committed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_that_stays_unknown_is_settled_by_the_next_run(bool isAnswered)
    {
        var token = TestContext.Current.CancellationToken;
        await using var cutter = new CommitCutter(PostgreSqlServer.Shared.Folder);
        await using var hosts = await SharingHosts.StartAsync(PostgreSqlServer.Shared, cutter.Folder, product: null, Environment.TickCount, threats: 14, "alpha");
        await hosts.FollowAsync(token);
        Assert.Equal([], await hosts.SettleAsync(token));
        hosts.Script.Simulator.Publish(2);
        hosts.Script.Simulator.Republish(hosts.Script.Ids()[1]);
        await hosts.FollowAsync(token);

        cutter.IsGoneThen = true;
        var engine = new EngineSettings
        {
            Version = "1.0.0",
            Timings = TortureInstallation.ImpatientTimings,
            States = new ChosenStateBackend(new SqliteStateBackend(), () => new PostgreSqlStateBackend(new HurriedClock())),
            // The batch of the changes, which has files on the disk.
            Step = step =>
            {
                if (step == "state-before-commit" && cutter.Cuts == 0)
                {
                    cutter.CutAt(1, isAnswered);
                }
            },
        };
        var unknown = await new IntegrationRun(engine, new RunRequest { ConfigurationPath = hosts.All[0].ConfigurationPath }, progress: null).RunAsync(token);
        Assert.Equal(Faults.StateCommitUnknown, unknown.Fault?.Kind);

        cutter.IsGoneThen = false;
        Assert.Equal([], await hosts.SettleAsync(token));
        Assert.Equal([], await hosts.CompareAsync(disturbances: 0));
    }

    private static string[] FilesOf(TortureInstallation host, string id) => Directory.GetFiles(host.InFolder("json"), id + ".json", SearchOption.AllDirectories);

    /// <summary>Everything that a commit changes, the number of commits first.</summary>
    private static async Task<string> ContentAsync(SharingHosts hosts) => await hosts.AskAsync<string>(
        """
        SELECT concat_ws(' ', (SELECT fence || ' ' || changes FROM phishme_state), (SELECT commits || ' ' || position FROM cursor), (SELECT count(*) FROM queue),
            (SELECT md5(string_agg(d::text, ',' ORDER BY destination, type, number)) FROM delivery d), (SELECT md5(string_agg(l::text, ',' ORDER BY destination, key)) FROM ledger l),
            (SELECT md5(string_agg(a::text, ',' ORDER BY host, path)) FROM append_file a), (SELECT count(*) FROM run))
        """);

    /// <summary>Until the system says that the process is stopped.</summary>
    private static async Task StoppedAsync(int process, CancellationToken cancellationToken)
    {
        var status = $"/proc/{process}/stat";
        while (true)
        {
            var text = await File.ReadAllTextAsync(status, cancellationToken);
            if (text[(text.LastIndexOf(')') + 2)..].StartsWith('T'))
            {
                return;
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Seconds are hundredths: no one waits half a minute for a server that is gone for good.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private const int Haste = 100;

        public override long TimestampFrequency => System.TimestampFrequency / Haste;

        public override long GetTimestamp() => System.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime / Haste, period);
    }
}
