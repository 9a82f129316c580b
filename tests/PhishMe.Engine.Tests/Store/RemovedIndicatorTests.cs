using System.Text.Json.Nodes;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Tests.Rendering;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>The store remembers what an update took out of a threat: whoever imports STIX 2.1 or MISP keeps what is merely missing.</summary>
public abstract class RemovedIndicatorTests(StateBackendKind backend) : IDisposable
{
    private const long First = 1_750_000_000_000;
    private readonly StoreFolder _folder = new(backend);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void What_an_update_no_longer_has_is_remembered_under_the_ids_it_was_delivered_with()
    {
        var before = Malware(1, First).Block("URL", "HTTP://Evil.example:80/A?b", family: "Demo RAT").Domain("keep.example").IPv4("203.0.113.7.")
            .With("executableSet", new JsonObject { ["fileName"] = "a.exe", ["md5Hex"] = new string('a', 32), ["sha256Hex"] = new string('b', 64) });
        _folder.Put(before);
        var delivered = Bundle(Stored());
        var attributes = Misp(Stored());

        _folder.Put(Malware(1, First + 1000).Domain("keep.example"));

        var objects = Bundle(Stored());
        Assert.Equal(
            Ids(delivered, "indicator").Where(id => Name(delivered, id) != "keep.example").Order(),
            Ids(objects, "indicator").Where(id => IsRevoked(objects, id)).Order());
        Assert.Equal(
            attributes.Where(one => !one.Deleted && one.Type != "link" && one.Value != "keep.example").Select(one => one.Uuid).Order(),
            Misp(Stored()).Where(one => one.Deleted).Select(one => one.Uuid).Order());
        Assert.DoesNotContain(objects, one => one["name"]?.GetValue<string>() == "keep.example" && one["revoked"] is not null);
    }

    [Fact]
    public void What_is_back_or_carried_by_another_live_threat_is_not_removed()
    {
        _folder.Put(Malware(1).Domain("evil.example").Domain("shared.example"), Malware(2).Domain("shared.example"));

        _folder.Put(Malware(1, First + 1).Domain("other.example"));
        Assert.Equal(["evil.example"], Removed());

        _folder.Withdraw("m_2");
        Assert.Equal(["evil.example", "shared.example"], Removed());

        _folder.Put(Malware(1, First + 2).Domain("EVIL.example."));
        Assert.Equal(["other.example", "shared.example"], Removed());
    }

    [Fact]
    public void Of_a_withdrawn_threat_nothing_is_removed_because_all_of_it_is()
    {
        _folder.Put(Malware(1).Domain("evil.example").Domain("keep.example")).Put(Malware(1, First + 1).Domain("keep.example")).Withdraw("m_1");
        using var store = _folder.Open();

        Assert.Empty(store.ReadThreats(new StoreQuery { IncludeWithdrawn = true }, TestContext.Current.CancellationToken).Single().RemovedIndicators);
    }

    [Fact]
    public void A_version_under_an_unmoved_date_has_its_time_of_receipt_and_one_under_a_later_date_has_not()
    {
        _folder.Put(Malware(1, First).Domain("evil.example"));
        Assert.Null(Stored().ReceivedAt);

        _folder.Put(Malware(1, First).Domain("keep.example"));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1), Stored().ReceivedAt);

        _folder.Put(Malware(1, First).Domain("keep.example"));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1), Stored().ReceivedAt);

        _folder.Put(Malware(1, First + 1).Domain("third.example"));
        Assert.Null(Stored().ReceivedAt);
        Assert.Equal(["evil.example", "keep.example"], Removed());
    }

    [Fact]
    public void A_threat_without_dates_has_the_time_of_its_receipt()
    {
        var threat = Malware(1).Domain("evil.example");
        threat["firstPublished"] = threat["lastPublished"] = null;
        _folder.Put(threat);

        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1), Stored().ReceivedAt);
        Assert.Equal(
            Samples.Text(output => new StixBundleRenderer().Render(Stored(), output)), Samples.Text(output => new StixBundleRenderer().Render(Stored(), output)));
    }

    [Fact]
    public void An_index_that_is_rebuilt_keeps_it_and_a_store_that_is_rebuilt_finds_it_in_the_versions()
    {
        _folder.Put(Malware(1).Domain("evil.example", role: "C2").Domain("keep.example")).Put(Malware(1, First + 1).Domain("keep.example"));
        using (var store = _folder.Open())
        {
            store.Rebuild(null, null, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["evil.example"], Removed());
        Assert.Equal("C2", Stored().RemovedIndicators[0].Role);

        File.WriteAllLines(_folder.InFolder("all.jsonl"), [Malware(1).Domain("old.example").Domain("keep.example").ToJsonString(), Malware(1, First + 1).Domain("keep.example").ToJsonString()]);
        using (var store = _folder.Open())
        {
            store.Rebuild(_folder.InFolder("all.jsonl"), null, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["old.example"], Removed());
    }

    [Fact]
    public void Random_changes_leave_exactly_what_no_version_has()
    {
        var seed = new Randomness().Seed;
        var random = new Random(seed);
        HashSet<string> ever = [], now = [];
        for (var version = 0; version < 25; version++)
        {
            now = [.. Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).Select(number => $"n{number}.example")];
            var threat = Malware(1, First + version);
            foreach (var name in now)
            {
                threat.Domain(name);
            }

            ever.UnionWith(now);
            _folder.Put(threat);
            Assert.True(ever.Except(now).Order(StringComparer.Ordinal).SequenceEqual(Removed()), $"seed {seed}, version {version}");
        }
    }

    private static bool IsRevoked(JsonNode[] objects, string id) => objects.Single(one => one["id"]!.GetValue<string>() == id)["revoked"] is not null;

    private static string? Name(JsonNode[] objects, string id) => objects.Single(one => one["id"]!.GetValue<string>() == id)["name"]?.GetValue<string>();

    private static IEnumerable<string> Ids(JsonNode[] objects, string type) =>
        objects.Where(one => one["type"]!.GetValue<string>() == type).Select(one => one["id"]!.GetValue<string>());

    private static JsonNode[] Bundle(Threat threat) =>
        [.. JsonNode.Parse(Samples.Text(output => new StixBundleRenderer().Render(threat, output)))!["objects"]!.AsArray().Select(one => one!)];

    private static (string Uuid, string Type, string Value, bool Deleted)[] Misp(Threat threat) =>
    [
        .. JsonNode.Parse(Samples.Text(output => new MispEventRenderer().Render(threat, output)))!["Event"]!["Attribute"]!.AsArray().Select(one =>
            (one!["uuid"]!.GetValue<string>(), one["type"]!.GetValue<string>(), one["value"]!.GetValue<string>(), one["deleted"]!.GetValue<bool>())),
    ];

    private Threat Stored()
    {
        using var store = _folder.Open();
        return store.ReadThreats(new StoreQuery(), TestContext.Current.CancellationToken).Single(threat => threat.Id.Number == 1);
    }

    private string[] Removed() => [.. Stored().RemovedIndicators.Select(indicator => indicator.NormalizedValue!).Order(StringComparer.Ordinal)];
}

/// <summary>In a file.</summary>
public sealed class SqliteRemovedIndicatorTests() : RemovedIndicatorTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlRemovedIndicatorTests() : RemovedIndicatorTests(StateBackendKind.PostgreSql);
