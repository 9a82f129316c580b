using PhishMe.Simulator;

namespace PhishMe.Torture;

/// <summary>
/// A simulator whose content depends on the seed alone: two scripts with the same seed and day serve the same bytes. Its clock is ahead of ours, so that
/// what is published while it runs comes by the changelog and not by the backfill.
/// </summary>
internal sealed class ThreatScript : IAsyncDisposable
{
    private const int DaysOfThreats = 3;

    private ThreatScript(ThreatHqSimulator simulator, DateTimeOffset begin)
    {
        Simulator = simulator;
        InitialDate = begin;
    }

    public ThreatHqSimulator Simulator { get; }

    public DateTimeOffset InitialDate { get; }

    /// <param name="seed">Same seed and day, same bytes.</param>
    /// <param name="threats">How many there are at first.</param>
    /// <param name="today">The day.</param>
    /// <param name="isAhead">False puts all changes into the past, so that a backfill that begins later has them, too.</param>
    public static async Task<ThreatScript> StartAsync(int seed, int threats, DateTimeOffset today, bool isAhead = true)
    {
        var begin = new DateTimeOffset(today.UtcDateTime.Date, TimeSpan.Zero).AddDays(-DaysOfThreats - 1);
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions
        {
            Seed = seed,
            Threats = threats,
            From = begin,
            To = begin.AddDays(DaysOfThreats),
            Clock = new FixedClock(isAhead ? begin.AddDays(DaysOfThreats + 3) : begin.AddDays(DaysOfThreats).AddHours(12)),
        });
        // Small answers: several runs are needed to catch up, each with a position of its own.
        simulator.ChangelogPageSize = 9;
        return new ThreatScript(simulator, begin);
    }

    /// <summary>The threats of the state file of version 3 (<see cref="TortureInstallation.PutVersion3"/>): the position in it is served.</summary>
    public static async Task<ThreatScript> StartForVersion3Async()
    {
        const int Seed = 5;
        const int Threats = 40;
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions
        {
            Seed = Seed,
            Threats = Threats,
            Clock = new FixedClock(DateTimeOffset.FromUnixTimeMilliseconds(1_795_877_047_005)),
        });
        simulator.Republish("m_500003");
        simulator.Withdraw("m_500002");
        simulator.RepublishUnchanged("m_500007", moveDate: false);
        simulator.ChangelogPageSize = 9;
        return new ThreatScript(simulator, simulator.Options.From);
    }

    /// <summary>What happens while the backfill is about to begin.</summary>
    public void ChangeBeforeBackfill()
    {
        var ids = Ids();
        Simulator.Publish(2);
        Simulator.Republish(ids[1]);
        Simulator.Withdraw(ids[4]);
        Simulator.Withdraw(ids[^1]);
    }

    /// <summary>A day of changes: new, changed, moved, withdrawn, withdrawn and back, gone before anyone saw it.</summary>
    public void ChangeAfterBackfill()
    {
        var ids = Ids();
        string[] fresh = [.. Simulator.Publish(3).Select(Name)];
        Simulator.Republish(ids[0]);
        Simulator.Republish(ids[2]);
        Simulator.RepublishUnchanged(ids[3]);
        Simulator.Withdraw(ids[5]);
        Simulator.Withdraw(ids[6]);
        Simulator.Withdraw(ids[7]);
        Simulator.Restore(ids[6]);
        Simulator.Withdraw(fresh[0]);
        Simulator.Republish(fresh[1]);
        Simulator.Republish(ids[0]);
        Simulator.Withdraw(ids[8]);
        Simulator.Publish(1);
    }

    /// <summary>The threats, oldest publication first.</summary>
    public string[] Ids() => [.. Simulator.Threats.Select(Name)];

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();

    private static string Name((string Type, long Id) threat) => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}");
}
