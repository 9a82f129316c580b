using System.Globalization;
using System.Text.Json.Nodes;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>Rows of the index wait to be inserted many at once: however many there are and whatever happens to their threat meanwhile, the index is that of the threats.</summary>
public sealed class WaitingRowsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(7_000)] // with three keys each more than may wait
    public void Every_number_of_indicators_is_stored(int count)
    {
        using var folder = new StoreFolder().Put(WithUrls(1, count), Malware(2).Domain("second.example").IPv4("203.0.113.7"));

        Assert.Single(folder.Find("second.example"));
        Assert.Single(folder.Find("203.0.113.7"));
        if (count > 0)
        {
            Assert.Single(folder.Find(Url(count - 1)));
        }

        IsIntact(folder);
    }

    [Fact]
    public void The_last_version_of_a_threat_counts_when_one_transaction_stores_two()
    {
        using var folder = new StoreFolder().Put(
            Malware(1).Domain("first.example").Domain("both.example").IPv4("203.0.113.7"),
            Malware(2).Domain("other.example"),
            Malware(1).Domain("both.example").Domain("second.example"));

        Assert.Empty(folder.Find("first.example"));
        Assert.Empty(folder.Find("203.0.113.7"));
        Assert.Single(folder.Find("both.example"));
        Assert.Single(folder.Find("second.example"));
        Assert.Single(folder.Find("other.example"));
        IsIntact(folder);
    }

    [Fact]
    public void What_waits_goes_with_a_transaction_that_is_not_committed()
    {
        using var folder = new StoreFolder().Put(Malware(1).Domain("kept.example"));
        using (var state = StateStore.Open(folder.StatePath))
        {
            var archive = state.OpenArchive();
            using (state.Begin())
            {
                archive.Put(Prepared(Malware(2).Domain("lost.example")), now: 2);
            }

            using var transaction = state.Begin();
            archive.Put(Prepared(Malware(3).Domain("third.example")), now: 3);
            transaction.Commit();
        }

        Assert.Empty(folder.Find("lost.example"));
        Assert.Single(folder.Find("third.example"));
        Assert.Single(folder.Find("kept.example"));
        IsIntact(folder);
    }

    [Fact]
    public void A_threat_is_removed_while_its_rows_wait()
    {
        using var folder = new StoreFolder();
        using (var state = StateStore.Open(folder.StatePath))
        {
            var archive = state.OpenArchive();
            using var transaction = state.Begin();
            archive.Put(Prepared(Malware(1, lastPublished: 1_000_000_000_000).Domain("old.example")), now: 1);
            archive.Put(Prepared(Malware(2).Domain("new.example")), now: 1);
            Assert.Equal(1, archive.Purge(1_500_000_000_000, most: 10));
            transaction.Commit();
        }

        Assert.Empty(folder.Find("old.example"));
        Assert.Single(folder.Find("new.example"));
        IsIntact(folder);
    }

    private static void IsIntact(StoreFolder folder)
    {
        using var store = folder.Open();
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
    }

    private static PreparedThreat Prepared(JsonObject threat) => PreparedThreat.Of(ThreatDocumentReader.Read(System.Text.Encoding.UTF8.GetBytes(threat.ToJsonString()))!);

    private static JsonObject WithUrls(long id, int count) => Enumerable.Range(0, count).Aggregate(Malware(id), (threat, number) => threat.Url(Url(number)));

    private static string Url(int number) => string.Create(CultureInfo.InvariantCulture, $"http://host{number}.example/path?number={number}");
}
