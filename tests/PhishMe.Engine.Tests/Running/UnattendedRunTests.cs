using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running;
using PhishMe.Engine.Running.Logging;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Running;

/// <summary>What a scheduler needs: one run at a time, the position in the file, jitter, a log that rolls, exit codes.</summary>
public sealed class UnattendedRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_run_keeps_others_out_and_they_do_nothing()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 30 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        using var gate = simulator.Hold("search");
        var first = installation.RunAsync();
        await gate.Reached.WaitAsync(Token);
        var requests = simulator.Requests.Count();

        var second = await installation.RunAsync();

        Assert.Equal((ExitCode.Locked, "RunLocked", 0), (second.ExitCode, second.Fault!.Kind.Id, second.Requests));
        Assert.Equal(requests, simulator.Requests.Count());
        gate.Release();
        Assert.Equal(ExitCode.Done, (await first).ExitCode);
        Assert.False(File.Exists(installation.LockPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("run 0123456789ab, process 1 on elsewhere, since 2025-01-01T00:00:00Z")]
    public async Task A_lock_file_without_a_live_owner_is_taken_over_at_once(string left)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        File.WriteAllText(installation.LockPath, left);

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.Equal(left.Length > 0, installation.Log().Contains("Took over the lock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interrupted_backfill_goes_on_at_the_page_where_it_was()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 900 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "concurrent_requests", "1").Save();
        using var stop = new CancellationTokenSource();
        var commits = 0;
        var interrupted = await installation.RunAsync(
            step: name =>
            {
                if (name == "state-after-commit" && ++commits == 4)
                {
                    stop.Cancel();
                }
            },
            stop: stop);
        Assert.Equal(ExitCode.Cancelled, interrupted.ExitCode);
        simulator.Requests.Clear();

        var resumed = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, resumed.ExitCode);
        Assert.Equal(500, resumed.Received);
        Assert.Equal(5, simulator.Requests.Count("search"));
        Assert.Equal(900, File.ReadAllLines(installation.AppendPath("json")).Distinct().Count());
        Assert.Equal(900, File.ReadAllLines(installation.AppendPath("json")).Length);
    }

    [Fact]
    public async Task A_position_changed_by_hand_wins_and_the_log_says_so()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        var earlier = installation.Position;
        simulator.Publish(5);
        await installation.RunAsync();

        installation.Edit("position", earlier);
        var again = await installation.RunAsync();

        Assert.Equal(5, again.Outputs.Single().Threats);
        Assert.Contains("changed by hand", installation.Log(), StringComparison.Ordinal);
        Assert.Equal(simulator.CurrentPosition, installation.Position);
    }

    [Fact]
    public async Task A_cleared_position_forces_a_new_backfill()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        await installation.RunAsync();

        installation.Edit("position", string.Empty);
        var again = await installation.RunAsync();

        Assert.True(again.Backfill);
        Assert.Equal(10, again.Outputs.Single().Threats);
        Assert.Equal(20, File.ReadAllLines(installation.AppendPath("json")).Length);
        Assert.Contains("was cleared", installation.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_state_follows_the_position_it_finds()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        var position = simulator.CurrentPosition;
        simulator.Publish(4);
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "position", position).Save();

        var summary = await installation.RunAsync();

        Assert.False(summary.Backfill);
        Assert.Equal(4, summary.Outputs.Single().Threats);
    }

    [Fact]
    public async Task A_refused_position_is_reported_and_nothing_moves()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        const string Unknown = "00000000-0000-0000-0000-00000000beef";
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "position", Unknown).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.ApiFailing, "PositionRefused"), (summary.ExitCode, summary.Fault!.Kind.Id));
        Assert.Contains(Unknown, summary.Fault.Message, StringComparison.Ordinal);
        Assert.Equal(Unknown, installation.Position);
    }

    [Fact]
    public async Task The_offset_is_chosen_once_saved_at_once_and_slept_before_the_lock()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json")
            .Set("pm_jitter", "use", "True").Set("pm_jitter", "execution_frequency", "15").Set("pm_jitter", "scheduler_offset", string.Empty).Save();
        await installation.RunAsync(); // A backfill never waits.
        Assert.Equal(string.Empty, installation.ReadKey("scheduler_offset"));

        // A clock that never moves: a run that sleeps does not end.
        installation.Edit("scheduler_offset", "3");
        using var stop = new CancellationTokenSource();
        var waiting = new TaskCompletionSource();
        var run = installation.RunAsync(
            clock: new FakeTimeProvider(DateTimeOffset.UtcNow),
            stop: stop,
            progress: new ProgressCallback(report =>
            {
                if (report.Activity.Contains("3 minute", StringComparison.Ordinal))
                {
                    waiting.SetResult();
                }
            }));
        await waiting.Task.WaitAsync(Token);
        using (var free = RunLock.TryTake(installation.LockPath, "test", DateTimeOffset.UtcNow))
        {
            Assert.NotNull(free);
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Cancelled, (await run).ExitCode);

        installation.Edit("scheduler_offset", string.Empty);
        using var soon = new CancellationTokenSource();
        await soon.CancelAsync();
        await installation.RunAsync(clock: new FakeTimeProvider(DateTimeOffset.UtcNow), stop: soon);
        Assert.InRange(int.Parse(installation.ReadKey("scheduler_offset"), System.Globalization.CultureInfo.InvariantCulture), 0, 14);
    }

    [Fact]
    public async Task A_clock_in_the_past_does_not_cut_the_backfill_short()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        var summary = await installation.RunAsync(clock: new TurnedClock(DateTimeOffset.UtcNow.AddDays(-9000)));

        Assert.Equal((ExitCode.Done, 10), (summary.ExitCode, summary.Outputs.Single().Threats));
        Assert.Contains(summary.Warnings, warning => warning.Contains("clock", StringComparison.Ordinal) && warning.Contains("behind", StringComparison.Ordinal));
    }

    [Fact]
    public void The_live_log_keeps_its_name_and_ten_files_remain()
    {
        using var installation = new Installation();
        var formatter = new Serilog.Formatting.Display.MessageTemplateTextFormatter("{Message:lj}{NewLine}", System.Globalization.CultureInfo.InvariantCulture);
        using (var file = new RollingLogFile(installation.LogPath, formatter, FileCalls.OfSystem, largest: 100))
        using (var log = new Serilog.LoggerConfiguration().WriteTo.Sink(file).CreateLogger())
        {
            for (var line = 0; line < 200; line++)
            {
                log.Information("Line {Number} of many, long enough to fill a file quickly", line);
            }
        }

        string[] names = [.. Directory.GetFiles(installation.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        Assert.Equal(["config.log", .. Enumerable.Range(1, 9).Select(number => $"config.log.{number}")], names);
        Assert.Contains("Line 199", File.ReadAllText(installation.LogPath), StringComparison.Ordinal);
        Assert.Contains("Line 197", File.ReadAllText(installation.LogPath + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_credentials_end_the_run_with_their_own_code_and_are_in_no_artefact()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        var wrong = "wrong-password-" + Guid.NewGuid().ToString("N");
        using var installation = new Installation(simulator).WithOutput("json").Set("pm_api", "pass", wrong).Set("local_log", "log_level", "debug").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.CredentialsRefused, "CredentialsRefused"), (summary.ExitCode, summary.Fault!.Kind.Id));
        Assert.Equal(1, simulator.Requests.Count());
        Assert.DoesNotContain(wrong, installation.Log() + RunSummaryJson.Write(summary), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_ends_the_run_and_loses_nothing()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        Directory.CreateDirectory(installation.FilesPath("json"));
        // A folder where the file of a threat has to go: no right in the world helps.
        var blocked = $"{(simulator.Threats[4].Type.StartsWith('m') ? 'm' : 'p')}_{simulator.Threats[4].Id}.json";
        foreach (var date in Enumerable.Range(0, 200).Select(day => $"{new DateTime(2025, 1, 1).AddDays(day):yyyy-MM-dd}"))
        {
            Directory.CreateDirectory(Path.Combine(installation.FilesPath("json"), date, blocked));
        }

        var failed = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "OutputFailed"), (failed.ExitCode, failed.Fault!.Kind.Id));
        Assert.Contains(blocked, failed.Fault.Where, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(installation.AppendPath("json")).Length);
        Assert.Equal(string.Empty, installation.Position);

        Directory.Delete(installation.FilesPath("json"), recursive: true);
        var healthy = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 10), (healthy.ExitCode, healthy.Outputs.Single().Threats));
        Assert.Equal(10, File.ReadAllLines(installation.AppendPath("json")).Length);
    }

    private sealed class ProgressCallback(Action<RunProgress> callback) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => callback(value);
    }
}
