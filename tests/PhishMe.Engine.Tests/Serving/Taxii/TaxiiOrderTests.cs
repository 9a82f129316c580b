using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Tests.Store;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>Dates added: one for each object, ascending, never ahead of the clock, and all that readers need to go on from.</summary>
public abstract class TaxiiOrderTests(StateBackendKind backend)
{
    [Fact]
    [Trait("Case", "T08")]
    public async Task Five_thousand_objects_of_one_commit_have_dates_of_their_own_that_are_over()
    {
        using var served = new TaxiiFolder(backend);
        await served.Store(Enumerable.Range(1, 50).Select(number => Campaign(served, number, 50))).SettleAsync();

        var manifest = new List<JsonElement>();
        string? next = null;
        do
        {
            var page = served.Get($"/intel/collections/all/manifest/?{(next is null ? "limit=100" : $"next={next}")}");
            Assert.Equal(page.First, page.Items[0].GetProperty("date_added").GetString());
            Assert.Equal(page.Last, page.Items[^1].GetProperty("date_added").GetString());
            manifest.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);

        var added = manifest.Select(item => item.GetProperty("date_added").GetString()!).ToList();
        Assert.True(added.Count > 5000);
        Assert.Equal(added.Count, added.Distinct().Count());
        Assert.Equal(added.Order(StringComparer.Ordinal), added);
        Assert.All(added, date => Assert.EndsWith("000Z", date, StringComparison.Ordinal));
        Assert.True(DateTimeOffset.Parse(added[^1], CultureInfo.InvariantCulture) <= served.Clock.GetUtcNow());
        Assert.Equal(added.Count, manifest.Select(item => item.Id()).Distinct().Count());
    }

    [Fact]
    public async Task The_version_of_an_object_is_its_date_added()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(1)).Block("Domain Name", "a.example", family: "Loader"), Phish(2, "https://b.example/x"));
        await served.RunAsync(Malware(1, served.Ago(0.1)).Block("Domain Name", "a.example", family: "Loader").Domain("c.example"));

        foreach (var item in served.Get("/intel/collections/all/manifest/").Items)
        {
            Assert.Equal(item.GetProperty("date_added").GetDateTimeOffset(), item.GetProperty("version").GetDateTimeOffset());
            var whole = Assert.Single(served.Objects(query: $"match[id]={item.Id()}").Items);
            Assert.Equal(item.GetProperty("version").GetString(), whole.GetProperty("modified").GetString());
            Assert.True(whole.Time("created") <= whole.Time("modified"));
        }
    }

    /// <summary>By dates cut to milliseconds alone; by dates taken as inclusive, until nothing is new; by the newest version, as MineMeld does.</summary>
    [Theory]
    [Trait("Case", "T08")]
    [InlineData("cut")]
    [InlineData("inclusive")]
    [InlineData("newest version")]
    public async Task Readers_that_page_by_time_end_and_miss_nothing(string manner)
    {
        using var served = new TaxiiFolder(backend);
        await served.Store(Enumerable.Range(1, 20).Select(number => Campaign(served, number, 7, $"Family{number % 3}"))).SettleAsync();
        var expected = served.All().Select(item => item.Id()).Order().ToList();

        var seen = new HashSet<string>();
        var after = "2020-01-01T00:00:00.000000Z";
        for (var polls = 0; ; polls++)
        {
            Assert.True(polls < 200, "The reader does not end.");
            var page = served.Objects(query: $"limit=10&added_after={after}");
            var isNew = page.Items.Count(item => seen.Add(item.Id()));
            if (manner == "inclusive" ? isNew == 0 : page.Items.Count == 0)
            {
                break;
            }

            after = manner switch
            {
                "cut" => page.Last[..^4] + "Z",
                "inclusive" => DateTimeOffset.Parse(page.Last, CultureInfo.InvariantCulture).AddMilliseconds(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                _ => page.Items.Max(item => item.GetProperty("modified").GetString())!,
            };
        }

        Assert.Equal(expected, seen.Order());
    }

    [Fact]
    [Trait("Case", "T09")]
    public async Task A_date_of_2083_is_no_ones_cursor()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, new DateTimeOffset(2083, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()).Domain("future.example"));

        var page = served.Objects();

        Assert.Contains("future.example", served.Values());
        Assert.All(
            page.Items.SelectMany(item => item.EnumerateObject()).Where(member => member.Name is "modified" or "created" or "valid_from"),
            member => Assert.True(member.Value.GetDateTimeOffset() <= served.Clock.GetUtcNow()));
        Assert.True(DateTimeOffset.Parse(page.Last, CultureInfo.InvariantCulture) <= served.Clock.GetUtcNow());
    }

    [Fact]
    [Trait("Case", "T09")]
    public async Task After_a_clock_that_was_a_day_ahead_the_order_goes_on()
    {
        using var served = new TaxiiFolder(backend);
        served.Clock.Advance(TimeSpan.FromDays(1));
        await served.RunAsync(Malware(1, served.Ago(2)).Domain("a.example"));
        var last = served.Objects().Last;
        served.Clock.AdjustTime(TaxiiFolder.Start);

        await served.RunAsync(Malware(2, served.Ago(2)).Domain("b.example"));

        Assert.Equal(["b.example"], served.Values(query: $"added_after={last}"));
    }

    [Fact]
    public async Task What_does_not_fit_before_now_comes_after_the_next_run()
    {
        using var served = new TaxiiFolder(backend);
        await served.Store(Campaign(served, 1, 5)).SettleAsync();
        served.Clock.Advance(TimeSpan.FromMilliseconds(120));
        await served.Store(Enumerable.Range(2, 3).Select(number => Campaign(served, number, 30))).SettleAsync();
        Assert.True(DateTimeOffset.Parse(served.Objects().Last, CultureInfo.InvariantCulture) <= served.Clock.GetUtcNow());
        var before = served.Values().Count;
        Assert.True(before < 95);

        await served.RunAsync();

        Assert.Equal(95, served.Values().Count);
    }

    [Fact]
    public async Task New_content_never_stands_under_an_old_date()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"), Malware(2, served.Ago(1)).Domain("b.example"));
        var last = served.Objects().Last;

        served.Clock.Advance(TimeSpan.FromMinutes(1));
        served.Store(Malware(1, served.Ago(0.1)).Domain("a.example").Domain("c.example"));
        Assert.Equal(["b.example"], served.Values());
        await served.SettleAsync();

        Assert.Equal(["a.example", "c.example"], served.Values(query: $"added_after={last}"));
    }

    [Fact]
    public async Task What_is_published_again_unchanged_stays_where_it_is_until_its_validity_is_half_over()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Again());
        var (last, before) = (served.Objects().Last, Texts(served));

        served.Clock.Advance(TimeSpan.FromDays(10));
        served.Store(Again());
        Assert.Equal(before, Texts(served));
        await served.SettleAsync();
        Assert.Equal(before, Texts(served));
        served.Clock.Advance(TimeSpan.FromDays(40));
        await served.RunAsync(Again());

        var renewed = Assert.Single(served.All(query: $"added_after={last}&match[type]=indicator"));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(served.Ago(0)).AddDays(90), renewed.Time("valid_until"), TimeSpan.FromMinutes(2));

        JsonObject Again()
        {
            var threat = Malware(1, served.Ago(0)).Domain("a.example");
            threat["firstPublished"] = 1_750_000_000_000;
            return threat;
        }
    }

    [Fact]
    public async Task Another_marking_is_another_version_of_everything()
    {
        using var served = new TaxiiFolder(backend);
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"));
        var last = served.Objects().Last;
        served.Clock.Advance(TimeSpan.FromMinutes(1));

        await served.SettleAsync(new TaxiiOptions { Marking = PhishMe.Intelligence.TlpLevel.Amber });

        Assert.Equal(["a.example"], served.Values(query: $"added_after={last}"));
    }

    private static IReadOnlyList<string> Texts(TaxiiFolder served) => [.. served.All().Select(item => item.GetRawText())];

    private static JsonObject Campaign(TaxiiFolder served, int number, int domains, string? family = "Loader")
    {
        var threat = Malware(number, served.Ago(1));
        for (var i = 0; i < domains; i++)
        {
            threat.Block("Domain Name", $"c{number}-{i}.example", family: family);
        }

        return threat;
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteTaxiiOrderTests() : TaxiiOrderTests(StateBackendKind.Sqlite)
{
    /// <summary>Every page costs the same: all statements search by a key, and none sorts.</summary>
    [Fact]
    public async Task Pages_are_read_by_keys()
    {
        using var served = new TaxiiFolder();
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"));
        using var connection = new SqliteConnection($"Data Source={served.StatePath};Pooling=False");
        connection.Open();
        foreach (var sql in PhishMe.Engine.Storage.Sqlite.SqliteServedReader.PageStatements)
        {
            using var explain = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the product.
            explain.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
            using var row = explain.ExecuteReader();
            while (row.Read())
            {
                var step = row.GetString(3);
                Assert.False(step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal), $"{step}: {sql}");
            }
        }
    }
}

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlTaxiiOrderTests() : TaxiiOrderTests(StateBackendKind.PostgreSql);
