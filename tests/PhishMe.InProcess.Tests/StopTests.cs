using System.Management.Automation;

namespace PhishMe.InProcess.Tests;

/// <summary>
/// Ctrl+C is PowerShell.Stop() here: the command ends although its request does not, and keeps what was finished. Gates open before commands are disposed,
/// so that a command that does not stop fails its test instead of blocking it.
/// </summary>
public sealed class StopTests : IAsyncLifetime
{
    private readonly ApiFixture _api = new();

    public ValueTask InitializeAsync() => _api.InitializeAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_sync_that_is_stopped_within_a_page_goes_on_with_the_next_threat()
    {
        using var shell = Shell.Connect(_api);
        shell.Set("enough", 7);
        using var taken = new SemaphoreSlim(0);
        using var released = new ManualResetEventSlim();
        shell.Set("taken", taken);
        shell.Set("released", released);

        // The consumer has seven threats and holds the eighth when the stop comes.
        using var sync = shell.Start(
            "Sync-PhishMeIntelligence stopped -Since 2025-01-01 | ForEach-Object { if (++$count -gt $enough) { $null = $taken.Release(); $released.Wait() }; $_ }", out var output);
        var running = sync.BeginInvoke<PSObject, PSObject>(null, output);
        await taken.WaitAsync(TestContext.Current.CancellationToken);
        var stopping = sync.BeginStop(null, null);
        released.Set();
        sync.EndStop(stopping);

        Assert.True(running.IsCompleted);
        Assert.Equal(PSInvocationState.Stopped, sync.InvocationStateInfo.State);
        var first = output.Select(threat => threat.Properties["Id"].Value.ToString()!).ToList();
        var rest = shell.Run("Sync-PhishMeIntelligence stopped").Values("Id");
        Assert.InRange(first.Count, 7, 8);
        Assert.Equal(_api.Simulator.Threats.Count, first.Union(rest).Count());
        Assert.InRange(first.Intersect(rest).Count(), 0, 1);
    }

    [Fact]
    public async Task A_sync_that_waits_for_the_API_ends_at_once_and_begins_where_it_was()
    {
        using var shell = Shell.Connect(_api);
        Assert.Null(shell.Run("Set-PhishMePosition waiting -Since 2025-01-01").Thrown);
        using var sync = shell.Start("Sync-PhishMeIntelligence waiting", out var output);
        using var gate = _api.Simulator.Hold("search");
        var running = sync.BeginInvoke<PSObject, PSObject>(null, output);
        await gate.Reached.WaitAsync(TestContext.Current.CancellationToken);

        // The gate is closed: a Stop that waited for the answer would never come back.
        await Task.Run(sync.Stop, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.True(running.IsCompleted);
        Assert.Equal(PSInvocationState.Stopped, sync.InvocationStateInfo.State);
        Assert.Empty(output);
        gate.Release();
        Assert.Equal(_api.Simulator.Threats.Count, shell.Run("Sync-PhishMeIntelligence waiting").Output.Count);
    }

    [Theory]
    [InlineData("Get-PhishMeThreat", "search")]
    [InlineData("Get-PhishMeThreat m_500000", "search")]
    [InlineData("Get-PhishMeIndicator -Since 2025-01-01", "*")]
    [InlineData("Test-PhishMeConnection", "*")]
    public async Task Whatever_waits_for_the_API_ends_at_once(string line, string route)
    {
        using var shell = Shell.Connect(_api);
        using var command = shell.Start($"{line}; $global:wentOn = $true", out var output);
        using var gate = _api.Simulator.Hold(route);
        command.BeginInvoke<PSObject, PSObject>(null, output);
        await gate.Reached.WaitAsync(TestContext.Current.CancellationToken);

        await Task.Run(command.Stop, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(PSInvocationState.Stopped, command.InvocationStateInfo.State);
        Assert.Empty(command.Streams.Error);
        Assert.Null(shell["wentOn"]);
    }

    [Fact]
    public void The_bar_of_the_progress_is_taken_away_at_the_end()
    {
        using var shell = Shell.Connect(_api);

        var progress = shell.Run("Get-PhishMeThreat | Out-Null").Progress.Where(record => record.Activity == "PhishMe").ToList();

        Assert.NotEmpty(progress);
        Assert.Equal(ProgressRecordType.Completed, progress[^1].RecordType);
        Assert.All(progress[..^1], record => Assert.Equal(ProgressRecordType.Processing, record.RecordType));
    }
}
