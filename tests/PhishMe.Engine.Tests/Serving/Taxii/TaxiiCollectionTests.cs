using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Tests.Store;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>What is in which collection, for how long, and what readers hear when that changes.</summary>
public abstract class TaxiiCollectionTests(StateBackendKind backend)
{
    [Fact]
    public async Task Products_and_impacts_have_collections_without_anything_benign()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(
            Malware(1, served.Ago(1)).Domain("major.example").Domain("minor.example", "Minor").Domain("none.example", "None").Domain("id.example", "Major", "IDinfo"),
            Malware(2, served.Ago(1)).Domain("moderate.example", "Moderate"),
            Recent(Phish(3, "https://phish.example/x"), served));

        Assert.Equal(["major.example"], served.Values("malware-major"));
        Assert.Equal(["major.example", "moderate.example"], served.Values("malware-moderate"));
        Assert.Equal(["major.example", "minor.example", "moderate.example"], served.Values("malware-minor"));
        Assert.Equal(["id.example", "major.example", "minor.example", "moderate.example", "none.example"], served.Values("malware-none"));
        Assert.Contains("https://phish.example/x", served.Values("phish-major"));
        Assert.DoesNotContain("major.example", served.Values("phish-none"));
        Assert.Superset(served.Values("malware-none").Concat(served.Values("phish-none")).ToHashSet(), served.Values().ToHashSet());
        Assert.Equal(["m_1", "p_3"], Reports("malware-major").Concat(Reports("phish-major")));
        string[] Reports(string collection) =>
        [
            .. served.All(collection, "match[type]=report").Select(report => report.GetProperty("external_references")[0].GetProperty("external_id").GetString()!),
        ];
    }

    [Fact]
    [Trait("Case", "T18")]
    public async Task What_rises_is_new_to_the_collection_and_what_falls_is_still_heard_of_there()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(1)).Block("Domain Name", "a.example", "Minor", family: "Loader"));
        await served.RunAsync(Malware(2, served.Ago(1)).Domain("b.example"));
        var last = served.Objects("malware-major").Last;
        Assert.Equal(["b.example"], served.Values("malware-major"));

        await served.RunAsync(Malware(1, served.Ago(0.5)).Block("Domain Name", "a.example", "Major", family: "Loader"));
        Assert.Equal(["a.example"], served.Values("malware-major", $"added_after={last}"));
        Assert.Contains(served.All("malware-major", $"added_after={last}"), item => item.Type() == "malware");
        last = served.Objects("malware-major").Last;

        await served.RunAsync(Malware(1, served.Ago(0.1)).Block("Domain Name", "a.example", "Minor", family: "Loader"));
        var fallen = served.All("malware-major", $"added_after={last}").Where(item => item.Type() == "indicator").ToList();
        Assert.Equal("Minor", Assert.Single(fallen).GetProperty("labels")[0].GetString());
        last = served.Objects("malware-major").Last;
        served.Withdraw("m_1").Clock.Advance(TimeSpan.FromMinutes(1));
        await served.SettleAsync();
        Assert.True(Assert.Single(served.All("malware-major", $"added_after={last}&match[type]=indicator")).IsRevoked());
    }

    [Fact]
    [Trait("Case", "T17")]
    public async Task A_withdrawal_revokes_and_ends_the_validity()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(10)).Block("Domain Name", "a.example", family: "Loader"));
        var last = served.Objects().Last;
        served.Clock.Advance(TimeSpan.FromDays(1));
        await served.Withdraw("m_1").SettleAsync();

        var changed = served.All(query: $"added_after={last}");

        Assert.Equal(["indicator", "relationship", "report"], changed.Select(item => item.Type()).Order());
        Assert.All(changed, item => Assert.True(item.IsRevoked()));
        var indicator = changed.Single(item => item.Type() == "indicator");
        Assert.True(indicator.Time("valid_until") <= served.Clock.GetUtcNow());
        Assert.True(indicator.Time("valid_until") > indicator.Time("valid_from"));
        Assert.Empty(served.Values());

        // It leaves when the validity that it had is over, so that a new reader does not load what is long dead.
        served.Clock.SetUtcNow(TaxiiFolder.Start.AddDays(79));
        Assert.Contains(served.All(), item => item.Type() == "indicator");
        served.Clock.SetUtcNow(TaxiiFolder.Start.AddDays(81));
        Assert.DoesNotContain(served.All(), item => item.Type() == "indicator");
        await served.SettleAsync();
        Assert.DoesNotContain(served.All(), item => item.Type() is "indicator" or "report");
    }

    [Fact]
    public async Task A_threat_that_comes_back_is_a_later_version()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"));
        await served.Withdraw("m_1").RunAsync();
        var last = served.Objects().Last;

        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"));

        Assert.Equal(["a.example"], served.Values(query: $"added_after={last}"));
    }

    [Fact]
    [Trait("Case", "T10")]
    public async Task Every_indicator_has_an_end_that_is_ahead()
    {
        using var served = new TaxiiFolder(backend);
        var undated = Malware(1).Domain("undated.example");
        undated["firstPublished"] = null;
        undated["lastPublished"] = null;
        await served.RunAsync(undated, Malware(2, served.Ago(91)).Domain("over.example"), Malware(3, served.Ago(0)).Domain("fresh.example"));

        Assert.Equal(["fresh.example", "undated.example"], served.Values());
        Assert.All(
            served.All(query: "match[type]=indicator"),
            item =>
            {
                Assert.True(item.Time("valid_until") > served.Clock.GetUtcNow());
                Assert.True(item.Time("valid_until") > item.Time("valid_from"));
                Assert.Equal(90, (item.Time("valid_until") - served.Clock.GetUtcNow()).TotalDays, 0);
            });
    }

    [Fact]
    public async Task An_indicator_that_left_its_threat_is_revoked_unless_another_carries_it_and_then_when_that_one_goes()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(2)).Domain("a.example").Domain("shared.example"), Malware(2, served.Ago(2)).Domain("shared.example"));
        var last = served.Objects().Last;
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("b.example"));
        Assert.Equal(["a.example"], Revoked());
        last = served.Objects().Last;

        await served.Withdraw("m_2").RunAsync();

        Assert.Equal(["a.example", "shared.example", "shared.example"], Revoked());
        IReadOnlyList<string> Revoked() =>
            [.. served.All(query: $"added_after={last}&match[type]=indicator").Where(item => item.IsRevoked()).Select(item => item.Name()).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task What_is_removed_from_the_store_is_served_no_more()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(50)).Domain("old.example"), Malware(2, served.Ago(1)).Domain("new.example"));

        served.Purge(served.Clock.GetUtcNow().AddDays(-10));

        Assert.Equal(["new.example"], served.Values());
        await served.RunAsync(Malware(3, served.Ago(1)).Domain("third.example"));
        Assert.Equal(["new.example", "third.example"], served.Values());
    }

    [Fact]
    public void Each_collection_is_found_by_id_and_alias()
    {
        Assert.Equal(9, TaxiiCollections.All.Count);
        Assert.All(TaxiiCollections.All, collection =>
        {
            Assert.Same(collection, TaxiiCollections.Find(collection.Id));
            Assert.Same(collection, TaxiiCollections.Find(collection.Alias));
            Assert.True(collection.Alias.Length <= 23);
            Assert.Equal(4, Guid.Parse(collection.Id).Version);
        });
        Assert.Equal(Enumerable.Range(0, 9), TaxiiCollections.All.Select(collection => collection.Number));
    }

    private static System.Text.Json.Nodes.JsonObject Recent(System.Text.Json.Nodes.JsonObject phish, TaxiiFolder served)
    {
        phish["firstDate"] = served.Ago(1);
        phish["lastDate"] = served.Ago(1);
        return phish;
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteTaxiiCollectionTests() : TaxiiCollectionTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlTaxiiCollectionTests() : TaxiiCollectionTests(StateBackendKind.PostgreSql);
