using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A consumer may stop anywhere; the next sync continues with the next threat.</summary>
public sealed class InteractiveSyncTests
{
    private static readonly DateTimeOffset Beginning = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopped_after_250_it_continues_with_251()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 450 }, Stop);
        await using var person = new InteractiveSession(simulator);

        var first = await person.SyncAsync(Beginning, take: 250);
        var position = person.Engine.Positions.Find(NamedPosition.DefaultName)!;
        var rest = await person.SyncAsync();

        Assert.Equal((PositionPhase.Backfill, 2, 50), (position.Phase, position.PagesDone, position.Taken));
        Assert.Equal(Ids(simulator), first.Concat(rest).Select(threat => threat.Id.ToString()));
        Assert.Equal(PositionPhase.Following, person.Engine.Positions.Find(NamedPosition.DefaultName)!.Phase);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(137)]
    public async Task Stopped_every_so_often_it_hands_over_everything_once(int step)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = step == 1 ? 12 : 320 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var all = new List<Threat>();
        DateTimeOffset? since = Beginning;
        while (true)
        {
            var taken = await person.SyncAsync(since, step);
            if (taken.Count == 0)
            {
                break;
            }

            all.AddRange(taken);
            since = null;
        }

        Assert.Equal(Ids(simulator), all.Select(threat => threat.Id.ToString()));
    }

    [Fact]
    public async Task Stopped_before_its_first_page_it_has_a_position_all_the_same()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);
        using (var gate = simulator.Hold("search"))
        using (var sync = person.Port.OpenSync(NamedPosition.DefaultName, Beginning))
        using (var ctrlC = CancellationTokenSource.CreateLinkedTokenSource(Stop))
        {
            await using var batches = sync.ReadAsync(progress: null, ctrlC.Token).GetAsyncEnumerator(ctrlC.Token);
            var first = batches.MoveNextAsync().AsTask();
            await gate.Reached;
            await ctrlC.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }

        var position = person.Engine.Positions.Find(NamedPosition.DefaultName);
        var rest = await person.SyncAsync();

        Assert.Equal((PositionPhase.Backfill, 0), (position?.Phase, position?.PagesDone));
        Assert.Equal(Ids(simulator), rest.Select(threat => threat.Id.ToString()));
    }

    [Fact]
    public async Task A_threat_taken_before_the_stop_comes_again_only_when_it_changed()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Stop);
        await using var person = new InteractiveSession(simulator);
        await person.SyncAsync(Beginning);
        string[] published = [.. simulator.Publish(20).Select(threat => $"{threat.Type[0]}_{threat.Id}")];

        var taken = await person.SyncAsync(take: 15);
        simulator.Republish(published[0]);
        simulator.RepublishUnchanged(published[1]);
        var rest = await person.SyncAsync();

        Assert.Equal(published[..15], taken.Select(threat => threat.Id.ToString()));
        Assert.Equal(published[15..].Append(published[0]).Order(), rest.Select(threat => threat.Id.ToString()).Order());
    }

    [Fact]
    public async Task A_threat_withdrawn_during_the_back_catalogue_shifts_nothing_out_of_sight()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 350 }, Stop);
        await using var person = new InteractiveSession(simulator);
        string[] before = [.. Ids(simulator)];

        var first = await person.SyncAsync(Beginning, take: 100);
        simulator.Withdraw(before[3]);
        var rest = await person.SyncAsync();

        string[] handed = [.. first.Concat(rest).Where(threat => !threat.Withdrawn).Select(threat => threat.Id.ToString())];
        Assert.Equal(before, handed);
        Assert.Equal(before[3], Assert.Single(rest, threat => threat.Withdrawn).Id.ToString());
    }

    [Fact]
    public async Task What_was_missed_is_asked_for_again_until_it_came_or_was_withdrawn()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 30 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var bad = Ids(simulator).ElementAt(11);
        simulator.Inject(new FaultRule { Route = "search", MatchId = bad, MatchServed = true, Kind = FaultRuleKind.ServerError500, Count = -1 });
        Assert.Equal((29, 1), await TakeAsync(person, Beginning));

        string[] published = [.. simulator.Publish(5).Select(threat => $"{threat.Type[0]}_{threat.Id}")];
        simulator.Inject(new FaultRule { Route = "search", MatchId = $"{published[1]},{published[3]}", Kind = FaultRuleKind.ServerError500, Count = -1 });
        Assert.Equal((3, 3), await TakeAsync(person));
        Assert.Equal((0, 3), await TakeAsync(person));

        simulator.Withdraw(published[3]);
        Assert.Equal((1, 3), await TakeAsync(person)); // The withdrawal itself; it was asked for before that was known.
        simulator.ClearFaults();
        var healed = await person.SyncAsync();

        Assert.Equal(new[] { bad, published[1] }.Order(), healed.Select(threat => threat.Id.ToString()).Order());
        simulator.Requests.Clear();
        Assert.Empty(await person.SyncAsync());
        Assert.Equal("updates", Assert.Single(simulator.Requests.Entries).Route);
    }

    [Fact]
    public async Task When_nothing_is_new_it_asks_once()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);
        await person.SyncAsync(Beginning);
        simulator.Requests.Clear();

        Assert.Empty(await person.SyncAsync());

        Assert.Equal("updates", Assert.Single(simulator.Requests.Entries).Route);
    }

    [Fact]
    public async Task The_position_does_not_move_for_a_batch_that_no_one_took()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 150 }, Stop);
        await using var person = new InteractiveSession(simulator);

        using (var sync = person.Port.OpenSync("x", Beginning))
        {
            await using var batches = sync.ReadAsync(null, Stop).GetAsyncEnumerator(Stop);
            await batches.MoveNextAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await batches.MoveNextAsync());
        }

        var position = person.Engine.Positions.Find("x");
        Assert.Equal((PositionPhase.Backfill, 0, 0), (position?.Phase, position?.PagesDone, position?.Taken));
    }

    [Fact]
    public async Task A_position_is_moved_by_one_sync_at_a_time()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        await using var person = new InteractiveSession(simulator);
        using var sync = person.Port.OpenSync("x", Beginning);

        var fault = Assert.Throws<PhishMeException>(() => person.Port.OpenSync("X", Beginning)).Fault;

        Assert.Equal(Faults.PositionBusy, fault.Kind);
        sync.Dispose();
        person.Port.OpenSync("x", Beginning).Dispose();
    }

    [Fact]
    public async Task Without_a_position_it_says_what_to_do()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        await using var person = new InteractiveSession(simulator);

        var fault = Assert.Throws<PhishMeException>(() => person.Port.OpenSync("x", since: null)).Fault;

        Assert.Equal(Faults.PositionMissing, fault.Kind);
        Assert.Empty(person.Engine.Positions.List());
    }

    [Fact]
    public async Task A_new_start_that_fails_leaves_the_old_position()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);
        await person.SyncAsync(Beginning);
        var before = person.Engine.Positions.Find(NamedPosition.DefaultName)!;
        simulator.Inject(new FaultRule { Kind = FaultRuleKind.Unauthorized401, Count = -1 });

        var fault = (await Assert.ThrowsAsync<PhishMeException>(() => person.SyncAsync(Beginning))).Fault;

        Assert.Equal(Faults.CredentialsRefused, fault.Kind);
        Assert.Equal(before, person.Engine.Positions.Find(NamedPosition.DefaultName));
    }

    private static IEnumerable<string> Ids(ThreatHqSimulator simulator) => simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}");

    private static async Task<(int Threats, int Missed)> TakeAsync(InteractiveSession person, DateTimeOffset? since = null)
    {
        (var threats, var missed) = (0, 0);
        using var sync = person.Port.OpenSync(NamedPosition.DefaultName, since);
        await foreach (var batch in sync.ReadAsync(progress: null, Stop))
        {
            threats += batch.Threats.Count;
            missed += batch.Missed.Count;
            foreach (var threat in batch.Threats)
            {
                sync.Take(threat);
            }
        }

        return (threats, missed);
    }
}
