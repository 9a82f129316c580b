using PhishMe.Intelligence;
using PhishMe.Torture;
using PhishMe.Torture.Kills;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Invariant 6. A hundred processes at once are in the slow target.</summary>
public sealed class OneRunAtATime
{
    [Fact]
    public async Task Of_a_hundred_runs_started_at_once_exactly_one_works_and_the_others_leave_with_11()
    {
        var token = TestContext.Current.CancellationToken;
        await using var script = await ThreatScript.StartAsync(11, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        using var slow = script.Simulator.Hold("feed");
        List<Task<RunSummary>> runs = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(() => installation.RunAsync(cancellationToken: token), token))];
        var left = new List<ExitCode>();
        while (runs.Count > 1)
        {
            var ended = await Task.WhenAny(runs);
            runs.Remove(ended);
            left.Add((await ended).ExitCode);
        }

        // The owner is alive, only slow: it keeps its lock however long it takes.
        Assert.All(left, code => Assert.Equal(ExitCode.Locked, code));
        slow.Release();
        Assert.Equal(ExitCode.Done, (await runs[0]).ExitCode);
        await installation.RunUntilCurrentAsync(token);
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task The_lock_of_a_killed_run_is_taken_over_at_once_and_the_log_names_the_owner()
    {
        var token = TestContext.Current.CancellationToken;
        await using var script = await ThreatScript.StartAsync(12, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        (_, var killed) = await SyncProcess.RunAsync(installation, KillPoint.At("run-begun", 1), token);
        var owner = File.ReadAllText(installation.LockPath).Trim();

        var summary = await installation.RunAsync(cancellationToken: token);

        Assert.True(killed);
        Assert.NotEmpty(owner);
        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains($"Took over the lock of a run that died ({owner})", File.ReadAllText(installation.LogPath));
        Assert.Equal([], installation.Leftovers());
    }

    [Fact]
    public async Task A_position_moved_by_another_run_while_this_one_waited_is_not_taken_for_a_change_by_hand()
    {
        var token = TestContext.Current.CancellationToken;
        await using var script = await ThreatScript.StartAsync(13, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Jitter = true });
        await installation.RunUntilCurrentAsync(token);
        installation.Edit("scheduler_offset", "5");
        var asleep = new SleepingClock();
        var waiting = installation.RunAsync(clock: asleep, cancellationToken: token);
        await asleep.Asleep.WaitAsync(token);

        // Another run, started by hand with no offset, gets ahead of the sleeping one.
        installation.Edit("scheduler_offset", "0");
        script.Simulator.Publish(3);
        await installation.RunUntilCurrentAsync(token);
        var delivered = File.ReadAllBytes(installation.InFolder("all.json"));
        asleep.Wake();

        Assert.Equal(ExitCode.Done, (await waiting).ExitCode);
        Assert.Equal(delivered, File.ReadAllBytes(installation.InFolder("all.json")));
        Assert.DoesNotContain("by hand", File.ReadAllText(installation.LogPath));
    }

    /// <summary>Its first timer, the one of the jitter, fires when the test says so, the others as they would.</summary>
    private sealed class SleepingClock() : TurnedClock(DateTimeOffset.UtcNow)
    {
        private readonly TaskCompletionSource _asleep = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ITimer? _first;
        private Action? _ring;

        public Task Asleep => _asleep.Task;

        public void Wake() => _ring!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (_first is not null)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            _first = base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ring = () => callback(state);
            _asleep.TrySetResult();
            return _first;
        }
    }
}
