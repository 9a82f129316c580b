using System.Globalization;
using System.Text.Json.Nodes;
using PhishMe.Engine.Serving.Taxii;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>Answers are kept for as long as the store would give the same, byte for byte, and no longer.</summary>
public sealed class KeptAnswerTests
{
    private const string FirstPage = "/intel/collections/all/objects/?limit=4";

    [Fact]
    public async Task What_is_kept_is_what_would_be_rendered_now()
    {
        var seed = Environment.GetEnvironmentVariable("PHISHME_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"PHISHME_SEED={seed}");
        var random = new Random(seed);
        using var served = new TaxiiFolder();
        var queries = new List<string> { "all/objects/?limit=6", "malware-major/objects/", "phish-none/manifest/?limit=3", "all/objects/?match[type]=malware,report" };
        for (var step = 0; step < 40; step++)
        {
            await ChangeAsync(served, random);
            foreach (var query in queries.ToArray())
            {
                AssertSame(query);
                if (queries.Count < 30 && served.Get($"/intel/collections/{query}") is { Next: string next } page)
                {
                    queries.Add($"{query.Split('?')[0]}?next={next}");
                    queries.Add($"all/objects/?added_after={page.Last}&limit=5");
                    queries.Add($"all/objects/{page.Items[0].Id()}/");
                }
            }
        }

        void AssertSame(string query)
        {
            var (kept, fresh) = (served.Answer($"/intel/collections/{query}"), served.Fresh($"/intel/collections/{query}"));
            Assert.Equal((fresh.Status, fresh.PlainLength), (kept.Status, kept.PlainLength));
            Assert.Equal(fresh.Headers, kept.Headers);
            Assert.True(fresh.Body.Span.SequenceEqual(kept.Body.Span), $"PHISHME_SEED={seed}: {query} differs.");
        }
    }

    [Fact]
    public async Task A_page_that_no_commit_touches_is_rendered_once()
    {
        using var served = new TaxiiFolder();
        await served.RunAsync(Enumerable.Range(1, 40).Select(number => Malware(number, served.Ago(1)).Domain($"d{number}.example")));
        var first = served.Answer(FirstPage);

        Assert.True(first.Body.Equals(served.Answer(FirstPage).Body));
        await served.RunAsync(Malware(100, served.Ago(0.1)).Domain("new.example"));
        Assert.True(first.Body.Equals(served.Answer(FirstPage).Body));
        await served.RunAsync(Malware(1, served.Ago(0.1)).Domain("d1.example").Domain("more.example"));
        Assert.False(first.Body.Equals(served.Answer(FirstPage).Body));
    }

    [Fact]
    public async Task The_first_poll_after_a_commit_has_what_it_brought()
    {
        using var served = new TaxiiFolder();
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"), Malware(2, served.Ago(1)).Domain("b.example"));
        Assert.Equal(["a.example", "b.example"], served.Values());
        var last = served.Objects().Last;
        Assert.Empty(served.Objects(query: $"added_after={last}").Items);

        await served.RunAsync(Malware(3, served.Ago(0.5)).Domain("c.example"));
        Assert.Equal(["a.example", "b.example", "c.example"], served.Values());
        Assert.Equal(["c.example"], served.Values(query: $"added_after={last}"));

        // Changed content leaves its old place with the commit itself, before the run ends.
        served.Store(Malware(3, served.Ago(0.4)).Domain("d.example"));
        Assert.Equal(["a.example", "b.example"], served.Values());
        await served.SettleAsync();
        Assert.Equal(["a.example", "b.example", "d.example"], served.Values());
        Assert.Contains(served.Objects(query: $"added_after={last}").Items, item => item.Type() == "indicator" && item.IsRevoked());

        served.Withdraw("m_1");
        await served.RunAsync();
        Assert.Equal(["b.example", "d.example"], served.Values());
    }

    [Fact]
    public async Task What_is_no_longer_valid_leaves_without_a_commit()
    {
        using var served = new TaxiiFolder();
        await served.RunAsync(Malware(1, served.Ago(80)).Domain("old.example"), Malware(2, served.Ago(1)).Domain("new.example"));
        Assert.Equal(["new.example", "old.example"], served.Values());

        served.Clock.Advance(TimeSpan.FromDays(11));

        Assert.Equal(["new.example"], served.Values());
    }

    /// <summary>A damaged state is set aside and begun anew; a server that runs on reads the new file within half a minute.</summary>
    [Fact]
    public async Task Another_file_at_the_place_of_the_state_is_read_soon()
    {
        using var served = new TaxiiFolder();
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("before.example"));
        Assert.Equal(["before.example"], served.Values());
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(served.StatePath)!))
        {
            File.Move(file, file + "-aside");
        }

        served.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(503, served.Objects().Status);
        Assert.Equal(503, served.Objects().Status);

        await served.RunAsync(Malware(1, served.Ago(1)).Domain("after.example"));
        Assert.Equal(["after.example"], served.Values());
    }

    [Fact]
    public void No_more_is_kept_than_is_allowed_and_the_last_used_stays()
    {
        var kept = new RecentlyUsed<int, string>(1000);
        for (var key = 0; key < 100; key++)
        {
            kept.Keep(key, $"value {key}", 100);
            Assert.NotNull(kept.Find(0));
            Assert.True(kept.Bytes <= 1000);
        }

        Assert.Equal([0, .. Enumerable.Range(91, 9)], Enumerable.Range(0, 100).Where(key => kept.Find(key) is not null));
        kept.Keep(0, "another", 200);
        Assert.Equal("another", kept.Find(0));
        Assert.Equal(1000, kept.Bytes);

        // What would push all others out is not kept, nor what it was before.
        kept.Keep(0, "too large", 251);
        Assert.Null(kept.Find(0));
        Assert.Equal(800, kept.Bytes);
    }

    private static async Task ChangeAsync(TaxiiFolder served, Random random)
    {
        var number = random.Next(1, 12);
        switch (random.Next(9))
        {
            case 0:
                served.Withdraw($"m_{number}");
                break;
            case 1:
                served.Clock.Advance(TimeSpan.FromDays(random.Next(1, 20)));
                break;
            case 2:
                // Stored again with another date alone, before the run ends.
                served.Clock.Advance(TimeSpan.FromMinutes(1));
                served.Store(Threat(number, 1));
                break;
            case 3:
                served.Purge(served.Clock.GetUtcNow().AddDays(-60));
                break;
            case 4:
                served.Clock.Advance(TimeSpan.FromSeconds(31));
                break;
            case 5:
                await served.RunAsync(Threat(number, random.Next(3)), Phish(number, $"https://p{random.Next(3)}.example/{number}"));
                break;
            default:
                await served.RunAsync(Threat(number, random.Next(3)));
                break;
        }

        JsonObject Threat(int id, int more)
        {
            var threat = Malware(id, served.Ago(random.NextDouble() * 3)).Block("Domain Name", $"d{id}.example", family: $"Family {id % 3}").Domain("shared.example", "Minor");
            for (var i = 0; i < more; i++)
            {
                threat.Domain($"x{random.Next(4)}.example", random.Next(2) == 0 ? "Major" : "None");
            }

            return threat;
        }
    }
}
