using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A sync that stores what it hands over, and the store that answers searches as the API does.</summary>
public sealed class SyncIntoStoreTests
{
    private static readonly DateTimeOffset Beginning = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_consumer_took_is_stored_wherever_it_stopped()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 250 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var file = Path.Combine(person.Home, "store.db");

        var first = await person.SyncAsync(Beginning, take: 130, store: file);
        Assert.Superset(Ids(first), Ids(Stored(person, file)));
        var rest = await person.SyncAsync(store: file);

        Assert.Equal(250, first.Count + rest.Count);
        Assert.Equal(Ids(first.Concat(rest)), Ids(Stored(person, file)));
    }

    [Fact]
    public async Task A_withdrawn_threat_is_marked_and_handed_over_as_it_was_last_known()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var file = Path.Combine(person.Home, "store.db");
        var all = await person.SyncAsync(Beginning, store: file);
        var known = all.First(threat => threat.Indicators.Count > 0);

        simulator.Withdraw(known.Id.ToString());
        var withdrawn = Assert.Single(await person.SyncAsync(store: file));

        Assert.True(withdrawn.Withdrawn);
        Assert.Equal(known.Indicators.Select(indicator => indicator.Value), withdrawn.Indicators.Select(indicator => indicator.Value));
        Assert.DoesNotContain(known.Id, Stored(person, file).Select(threat => threat.Id));
        Assert.True(Assert.Single(Stored(person, file, new StoreQuery { Ids = [known.Id], IncludeWithdrawn = true })).Withdrawn);
    }

    [Fact]
    public async Task A_store_that_cannot_be_used_leaves_the_position_alone()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 5 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var file = Path.Combine(person.Home, "store.db");
        await File.WriteAllTextAsync(file, new string('x', 10_000), Stop);

        var fault = await Assert.ThrowsAsync<PhishMeException>(() => person.SyncAsync(Beginning, store: file));

        Assert.Equal(Faults.StoreDamaged, fault.Fault.Kind);
        Assert.Null(person.Engine.Positions.Find(NamedPosition.DefaultName));
        Assert.Equal(5, (await person.SyncAsync(Beginning)).Count);
    }

    [Fact]
    public async Task The_store_answers_a_search_as_the_API_does()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 150 }, Stop);
        await using var person = new InteractiveSession(simulator);
        var file = Path.Combine(person.Home, "store.db");
        var all = await person.SyncAsync(Beginning, store: file);
        var malware = all.First(threat => threat.Families.Count > 0);
        var phish = all.First(threat => threat is { PhishingUrl.Domain: not null, Brands.Count: > 0 });

        foreach (var query in (ThreatQuery[])
        [
            new() { Family = malware.Families[0] },
            new() { Family = "no such family" },
            new() { Brand = [phish.Brands[0], "no such brand"] },
            new() { Type = ThreatType.Phish, PublishedAfter = WholeSecond(phish), PublishedBefore = WholeSecond(phish).AddDays(20) },
            new() { PhishDomain = [phish.PhishingUrl!.Domain!] },
            new() { NativeId = malware.Id.Number },
            new() { Domain = [phish.PhishingUrl.Domain!], Type = ThreatType.Phish },
            new() { HasKit = true },
            new() { Hash = all.SelectMany(threat => threat.Files).First(one => one.Hashes.Sha256 is not null).Hashes.Sha256 },
        ])
        {
            (var expected, _) = await InteractiveSession.ReadAllAsync(person.Port.SearchAsync(query, null, Stop));
            Assert.Equal(Ids(expected), Ids(Stored(person, file, new StoreQuery { Search = query })));
            Assert.Equal(query.Family == "no such family", expected.Count == 0);
        }
    }

    // The API counts in seconds.
    private static DateTimeOffset WholeSecond(Threat threat) => DateTimeOffset.FromUnixTimeSeconds(threat.LastPublished!.Value.ToUnixTimeSeconds());

    private static HashSet<string> Ids(IEnumerable<Threat> threats) => threats.Select(threat => threat.Id.ToString()).ToHashSet();

    private static List<Threat> Stored(InteractiveSession person, string file, StoreQuery? query = null)
    {
        using var store = person.Engine.OpenStore(file);
        return [.. store.ReadThreats(query ?? new StoreQuery(), Stop)];
    }
}
