using PhishMe.Engine.Network;
using PhishMe.Engine.Running;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>What a run finds out about the host, the next one starts with.</summary>
public sealed class RememberedPaceTests
{
    /// <summary>It cannot take the four requests that a new host is met with.</summary>
    private static readonly HostLimits BreaksDown = new() { HangsUpBeyond = 3, Workers = 3, Work = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_run_starts_where_the_first_one_ended()
    {
        await using var simulator = await StartAsync(60);
        using var installation = Stix(simulator);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        var learnt = await PaceAsync(installation, simulator);

        // Fewer requests than the limit needs to grow.
        simulator.Publish(6);
        simulator.Requests.Clear();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.InRange(learnt!.InFlight, 1, ConcurrencyLimit.Start - 0.01);
        Assert.InRange(simulator.Requests.PeakInFlight, 1, (int)learnt.InFlight);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_was_found_out_long_ago_is_not_used()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Stix(simulator);
        await installation.RunAsync();
        await SetPaceAsync(installation, simulator, DateTimeOffset.UtcNow - RememberedPace.Validity - TimeSpan.FromHours(1));
        simulator.Publish(30);
        simulator.Requests.Clear();
        using var gate = simulator.Hold("stix");

        var run = installation.RunAsync();

        while (simulator.Requests.Count("stix") < ConcurrencyLimit.Start)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
            Assert.False(run.IsCompleted);
        }

        gate.Release();
        Assert.Equal(ExitCode.Done, (await run).ExitCode);
    }

    [Fact]
    public async Task A_run_that_has_nothing_to_do_leaves_what_is_known_with_its_date()
    {
        await using var simulator = await StartAsync(3);
        using var installation = Stix(simulator);
        await installation.RunAsync();
        var before = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds());
        await SetPaceAsync(installation, simulator, before);

        var summary = await installation.RunAsync();

        Assert.Null(summary.Pace);
        Assert.Equal(new HostPace(simulator.BaseUri.Authority, 2, 12.5, before), await PaceAsync(installation, simulator));
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats, Limits = BreaksDown }, Stop);

    private static Installation Stix(ThreatHqSimulator simulator) =>
        new Installation(simulator).Set("pm_api", "max_retries", "10").WithOutput("stix", files: false).Save();

    private static async Task<HostPace?> PaceAsync(Installation installation, ThreatHqSimulator simulator)
    {
        using var state = StateStore.Open(installation.StatePath);
        return await state.GetPaceAsync(simulator.BaseUri.Authority, Stop);
    }

    private static async Task SetPaceAsync(Installation installation, ThreatHqSimulator simulator, DateTimeOffset at)
    {
        using var state = StateStore.Open(installation.StatePath);
        await state.SetPaceAsync(new HostPace(simulator.BaseUri.Authority, 2, 12.5, at), Stop);
    }
}
