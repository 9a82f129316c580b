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

    public static async Task<ThreatScript> StartAsync(int seed, int threats, DateTimeOffset today)
    {
        var begin = new DateTimeOffset(today.UtcDateTime.Date, TimeSpan.Zero).AddDays(-DaysOfThreats - 1);
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions
        {
            Seed = seed,
            Threats = threats,
            From = begin,
            To = begin.AddDays(DaysOfThreats),
            Clock = new TurnedClock(begin.AddDays(DaysOfThreats + 3)),
        });
        // Small answers: several runs are needed to catch up, each with a position of its own.
        simulator.ChangelogPageSize = 9;
        return new ThreatScript(simulator, begin);
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
