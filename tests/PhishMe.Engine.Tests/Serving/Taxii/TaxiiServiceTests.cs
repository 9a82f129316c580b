using System.Globalization;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Tests.Store;
using PhishMe.Engine.Threats;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>The resources of TAXII 2.1, pages, filters, errors and what readers accept.</summary>
public sealed class TaxiiServiceTests
{
    [Theory]
    [InlineData("/taxii2/")]
    [InlineData("/taxii2")]
    public void Discovery_names_the_api_root(string path)
    {
        using var served = new TaxiiFolder();

        var discovery = served.Get(path).Body;

        Assert.Equal("https://taxii.example/intel/", discovery.GetProperty("default").GetString());
        Assert.Equal("https://taxii.example/intel/", Assert.Single(discovery.GetProperty("api_roots").EnumerateArray()).GetString());
        Assert.Equal(TaxiiMediaType.Text, Assert.Single(served.Get("/intel/").Body.GetProperty("versions").EnumerateArray()).GetString());
        Assert.True(served.Get("/intel/").Body.GetProperty("max_content_length").GetInt32() > 0);
    }

    [Fact]
    public void Collections_are_readable_and_not_writable()
    {
        using var served = new TaxiiFolder();

        foreach (var collection in served.Get("/intel/collections/").Body.GetProperty("collections").EnumerateArray())
        {
            Assert.True(collection.GetProperty("can_read").GetBoolean());
            Assert.False(collection.GetProperty("can_write").GetBoolean());
            Assert.Equal(TaxiiMediaType.Objects, Assert.Single(collection.GetProperty("media_types").EnumerateArray()).GetString());
            Assert.Equal(collection.GetRawText(), served.Get($"/intel/collections/{collection.Id()}/").Body.GetRawText());
        }
    }

    [Fact]
    [Trait("Case", "T26")]
    public async Task Pages_go_on_where_next_says_whatever_stands_beside_it()
    {
        using var served = await FilledAsync();
        var whole = Ids(served.All(query: "match[type]=indicator"));

        var first = served.Objects(query: "match[type]=indicator&limit=4");
        var naked = served.Objects(query: $"next={first.Next}");
        var moved = served.Objects(query: $"next={first.Next}&added_after={first.Last}&limit=2&match[type]=report");

        Assert.Equal(whole.Take(4), Ids(first.Items));
        Assert.Equal(whole.Skip(4).Take(4), Ids(naked.Items));
        Assert.Equal(Ids(naked.Items), Ids(moved.Items));
        served.Restart();
        Assert.Equal(Ids(naked.Items), Ids(served.Objects(query: $"next={first.Next}").Items));
    }

    [Theory]
    [Trait("Case", "T26")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Objects_that_are_added_meanwhile_shift_no_page(bool keepsParameters)
    {
        using var served = await FilledAsync();
        var seen = new List<string>();
        var page = served.Objects(query: "limit=7");
        for (var number = 100; ; number++)
        {
            seen.AddRange(Ids(page.Items));
            if (page.Next is not string next)
            {
                break;
            }

            if (number < 104)
            {
                await served.RunAsync(Malware(number, served.Ago(1)).Domain($"n{number}.example"));
            }

            page = served.Objects(query: $"next={next}{(keepsParameters ? "&limit=7" : string.Empty)}");
        }

        Assert.Equal(Ids(served.All()), seen);
    }

    [Fact]
    [Trait("Case", "T26")]
    public async Task A_broken_next_is_an_error_and_no_empty_page()
    {
        using var served = await FilledAsync();
        var next = served.Objects(query: "limit=2").Next!;

        Assert.Equal(400, served.Objects(query: "next=abc").Status);
        Assert.Equal(400, served.Objects(query: "next=").Status);
        Assert.Equal(400, served.Get($"/intel/collections/all/manifest/?next={next}").Status);
        var random = new Random(5);
        for (var i = 0; i < next.Length; i++)
        {
            var other = next[i] == 'A' ? 'B' : 'A';
            Assert.Equal(400, served.Objects(query: $"next={next[..i]}{other}{next[(i + 1)..]}").Status);
            Assert.Equal(400, served.Objects(query: $"next={next[..random.Next(next.Length)]}").Status);
        }
    }

    /// <summary>The poller of OpenCTI keeps the last next of a collection for the first request of another one, and drops its added_after.</summary>
    [Fact]
    [Trait("Case", "T26")]
    public async Task A_next_of_another_collection_begins_this_one()
    {
        using var served = await FilledAsync();
        var whole = Ids(served.Objects("malware-none", "limit=3").Items);
        var page = served.Objects(query: "limit=2");

        Assert.Equal(whole, Ids(served.Objects("malware-none", $"limit=3&next={page.Next}").Items));
        var after = served.Objects(query: $"limit=2&added_after={page.Last}");
        Assert.Equal(Ids(served.All("malware-none", $"added_after={page.Last}")), Ids(served.Objects("malware-none", $"next={after.Next}").Items));
        Assert.Empty(served.Objects("malware-none", $"added_after={served.Objects(query: "limit=1000").Last}&next={after.Next}").Items);
        Assert.Equal(400, served.Get($"/intel/collections/malware-none/manifest/?next={page.Next}").Status);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=ten")]
    [InlineData("added_after=yesterday")]
    [InlineData("match[name]=x")]
    [InlineData("match[version]=newest")]
    public async Task A_parameter_that_cannot_be_read_is_an_error(string query)
    {
        using var served = await FilledAsync();

        var answer = served.Objects(query: query);

        Assert.Equal(400, answer.Status);
        Assert.Equal("400", answer.Body.GetProperty("http_status").GetString());
        Assert.False(string.IsNullOrEmpty(answer.Body.GetProperty("title").GetString()));
    }

    [Theory]
    [InlineData("limit=999999")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("unknown=1")]
    [InlineData("added_after=2020-01-01T00:00:00Z")]
    [InlineData("added_after=2020-01-01T00:00:00.123456789Z")]
    [InlineData("added_after=2020-01-01T00:00:00.123456%2B00:00")]
    [InlineData("added_after=2020-01-01T00:00:00+02:00")]
    [InlineData("match[version]=last")]
    [InlineData("match[version]=all")]
    [InlineData("match[version]=first,last")]
    [InlineData("match[spec_version]=2.1")]
    [InlineData("match[spec_version]=2.0,2.1")]
    public async Task Parameters_that_exclude_nothing(string query)
    {
        using var served = await FilledAsync();

        Assert.Equal(Ids(served.All()), Ids(served.Objects(query: query).Items));
    }

    [Fact]
    public async Task Nothing_is_an_empty_envelope()
    {
        using var served = await FilledAsync();

        foreach (var query in (string[])["match[spec_version]=2.0", "added_after=2099-01-01T00:00:00Z", "match[type]=grouping", "match[id]=indicator--00000000-0000-4000-8000-000000000000"])
        {
            var answer = served.Objects(query: query);
            Assert.Equal((200, "{}"), (answer.Status, answer.Body.GetRawText()));
            Assert.Empty(answer.Headers);
        }
    }

    [Fact]
    public async Task Filters_by_type_id_and_version()
    {
        using var served = await FilledAsync();
        var all = served.All();

        foreach (var type in (string[])["indicator", "relationship", "report", "malware", "identity", "report,malware"])
        {
            Assert.Equal(Ids(all.Where(item => type.Split(',').Contains(item.Type()))), Ids(served.All(query: $"match[type]={type}", limit: 3)));
        }

        foreach (var item in all)
        {
            var version = item.GetProperty("modified").GetString();
            Assert.Equal([item.Id()], Ids(served.Objects(query: $"match[id]={item.Id()}").Items));
            Assert.Equal([item.Id()], Ids(served.Objects(query: $"match[version]={version}").Items));
            Assert.Equal([item.Id()], Ids(served.Get($"/intel/collections/all/objects/{item.Id()}/").Items));
            Assert.Equal([version], served.Get($"/intel/collections/all/objects/{item.Id()}/versions/").Body.GetProperty("versions").EnumerateArray().Select(one => one.GetString()));
        }

        var pair = $"{all[5].Id()},{all[2].Id()}";
        Assert.Equal([all[2].Id(), all[5].Id()], Ids(served.Objects(query: $"match[id]={pair}").Items));
        var part = served.Objects(query: $"match[id]={pair}&limit=1");
        Assert.Equal([all[5].Id()], Ids(served.Objects(query: $"next={part.Next}").Items));
    }

    [Fact]
    public async Task An_object_of_another_collection_is_not_there()
    {
        using var served = await FilledAsync();
        var id = served.All("phish-none", "match[type]=indicator")[0].Id();

        Assert.Equal(200, served.Get($"/intel/collections/all/objects/{id}/").Status);
        Assert.Equal(404, served.Get($"/intel/collections/malware-none/objects/{id}/").Status);
        Assert.Equal(404, served.Get($"/intel/collections/malware-none/objects/{id}/versions/").Status);
        Assert.Equal(200, served.Get($"/intel/collections/all/objects/{id}/?added_after=2099-01-01T00:00:00Z").Status);
    }

    [Theory]
    [InlineData("/", 404)]
    [InlineData("/other/", 404)]
    [InlineData("/intel/status/7/", 404)]
    [InlineData("/intel/collections/none/", 404)]
    [InlineData("/intel/collections/all/objects/x/", 404)]
    [InlineData("/intel/collections/all/objects/../../../etc/passwd", 404)]
    [InlineData("/intel/collections/all/objects/%2e%2e/", 404)]
    public async Task There_is_nothing_else(string path, int status)
    {
        using var served = await FilledAsync();

        Assert.Equal(status, served.Get(path).Status);
    }

    [Theory]
    [InlineData("POST", "/intel/collections/all/objects/", 403)]
    [InlineData("DELETE", "/intel/collections/all/objects/indicator--00000000-0000-4000-8000-000000000000/", 403)]
    [InlineData("PUT", "/intel/collections/", 405)]
    [InlineData("POST", "/taxii2/", 405)]
    public void Nothing_is_written(string method, string path, int status)
    {
        using var served = new TaxiiFolder();

        Assert.Equal(status, served.Get(path, method: method).Status);
    }

    [Theory]
    [Trait("Case", "T27")]
    [InlineData(null, 200)]
    [InlineData("", 200)]
    [InlineData("application/taxii+json;version=2.1", 200)]
    [InlineData("application/taxii+json; version=2.1", 200)]
    [InlineData("application/taxii+json;version=\"2.1\"", 200)]
    [InlineData("application/taxii+json", 200)]
    [InlineData("application/json, text/plain, */*", 200)]
    [InlineData("application/json", 200)]
    [InlineData("application/*", 200)]
    [InlineData("*/*", 200)]
    [InlineData("application/vnd.oasis.taxii+json; version=2.0, application/taxii+json;version=2.1", 200)]
    [InlineData("application/taxii+json;version=2.0", 406)]
    [InlineData("application/vnd.oasis.taxii+json; version=2.0", 406)]
    [InlineData("application/vnd.oasis.stix+json; version=2.0", 406)]
    [InlineData("text/html", 406)]
    [InlineData("*/*;q=0", 406)]
    [InlineData("application/taxii+json;version=2.1;q=0, */*", 406)]
    public void Accept_is_read_as_readers_mean_it(string? accept, int status)
    {
        using var served = new TaxiiFolder();

        Assert.Equal(status, served.Get("/taxii2/", accept).Status);
    }

    [Fact]
    [Trait("Case", "T21")]
    public async Task Trouble_with_the_store_is_503()
    {
        using var served = new TaxiiFolder();
        Assert.Equal(503, served.Objects().Status);
        using var filled = await FilledAsync();
        var next = filled.Objects(query: "limit=2").Next;
        filled.Restart();
        await File.WriteAllTextAsync(filled.StatePath, "no database", TestContext.Current.CancellationToken);

        var answer = filled.Objects(query: $"next={next}");

        Assert.Equal(503, answer.Status);
        Assert.True(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task The_marking_is_served_as_an_object()
    {
        using var served = new TaxiiFolder { Options = new TaxiiOptions { Marking = PhishMe.Intelligence.TlpLevel.Green } };
        await served.RunAsync(Malware(1, served.Ago(1)).Domain("a.example"));

        var all = served.All();

        Assert.Equal(["marking-definition", "identity"], all.Take(2).Select(item => item.Type()));
        Assert.All(all.Skip(1), item => Assert.Equal(all[0].Id(), item.GetProperty("object_marking_refs")[0].GetString()));
    }

    [Fact]
    public async Task Confidence_follows_the_scores_of_the_configuration_and_other_scores_make_new_versions()
    {
        var low = new TaxiiOptions { Scores = new ScoreTable { Major = 61, Moderate = 42, Minor = 23, None = 4 } };
        using var served = new TaxiiFolder { Options = low };
        await served.RunAsync(Malware(1, served.Ago(1)).Block("Domain Name", "a.example", impact: "Moderate"));

        var before = Assert.Single(served.All(), item => item.Type() == "indicator");
        var other = new TaxiiOptions { Scores = low.Scores with { Moderate = 43 } };

        Assert.Equal(42, before.GetProperty("confidence").GetInt32());
        Assert.NotEqual(low.Form, new TaxiiOptions().Form);
        Assert.NotEqual(low.Form, other.Form);
    }

    private static async Task<TaxiiFolder> FilledAsync()
    {
        var served = new TaxiiFolder();
        for (var number = 1; number <= 6; number++)
        {
            var phish = Phish(number, $"https://p{number}.example/x");
            phish["firstDate"] = served.Ago(1);
            phish["lastDate"] = served.Ago(1);
            await served.RunAsync(
                Malware(number, served.Ago(1)).Block("Domain Name", $"m{number}.example", family: $"Family{number % 2}").IPv4($"203.0.113.{number}"), phish);
        }

        return served;
    }

    private static IReadOnlyList<string> Ids(IEnumerable<System.Text.Json.JsonElement> items) => [.. items.Select(item => item.Id())];
}
