using System.Security.Cryptography;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>The feed folder as MISP and PyMISP read it: by the manifest, by timestamps, and keeping what an event no longer mentions.</summary>
public sealed class MispFeedTests : IAsyncLifetime
{
    private ThreatHqSimulator _api = null!;
    private Installation _installation = null!;
    private MispFeedReader _reader = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Feed => _installation.InFolder("feed");

    public async ValueTask InitializeAsync()
    {
        _api = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        _installation = new Installation(_api).Set("integration_misp_feed", "use", "True").Set("integration_misp_feed", "output_dir", "feed").Save();
        _reader = new MispFeedReader(Feed);
    }

    public async ValueTask DisposeAsync()
    {
        _installation.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_has_an_event_for_each_threat()
    {
        _api.Publish(Malware(7, "Seventh", "evil.example", "203.0.113.45").WithFile());
        _api.Publish(Phish(7, "phish.example", "Example Bank"));

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        Assert.Equal(2, _reader.Poll());
        Assert.Contains("evil.example", _reader.Values);
        Assert.Contains("phish.example", _reader.Values);
        Assert.All(_reader.Events, item =>
        {
            Assert.False(string.IsNullOrEmpty((string?)item["Orgc"]!["uuid"]));
            Assert.Null(item["distribution"]);
            Assert.True((bool)item["published"]!);
            Assert.Equal((string?)item["timestamp"], (string?)item["publish_timestamp"]);
            Assert.All(item["Attribute"]!.AsArray(), attribute => Assert.Null(attribute!["distribution"]));
        });
        Assert.Equal(0, _reader.Poll());
    }

    [Fact]
    public async Task Hashes_lead_from_each_value_to_its_event()
    {
        _api.Publish(Malware(7, "Seventh", "evil.example"));
        await RunAsync();
        _reader.Poll();

        var lines = await File.ReadAllLinesAsync(Path.Combine(Feed, "hashes.csv"), Stop);

#pragma warning disable CA5351 // The format prescribes MD5.
        var line = $"{Convert.ToHexStringLower(MD5.HashData("evil.example"u8))},{(string)_reader.Events.Single()["uuid"]!}";
#pragma warning restore CA5351
        Assert.Contains(line, lines);
        Assert.Equal(_reader.Values.Count(), lines.Length);
    }

    [Fact]
    public async Task What_left_a_threat_is_deleted_at_the_reader_and_what_came_is_there()
    {
        _api.Publish(Malware(7, "Seventh", "first.example", "second.example"));
        await RunAsync();
        _reader.Poll();
        _api.Publish(Malware(7, "Seventh", "second.example", "third.example").At(DateTimeOffset.UtcNow));

        await RunAsync();

        Assert.Equal(1, _reader.Poll());
        Assert.DoesNotContain("first.example", _reader.Values);
        Assert.Contains("second.example", _reader.Values);
        Assert.Contains("third.example", _reader.Values);
        _api.Publish(Malware(7, "Seventh", "first.example", "second.example").At(DateTimeOffset.UtcNow));
        await RunAsync();
        Assert.Equal(1, _reader.Poll());
        Assert.Contains("first.example", _reader.Values);
        Assert.DoesNotContain("third.example", _reader.Values);
    }

    [Fact]
    public async Task A_withdrawn_threat_stays_in_the_manifest_with_nothing_left_and_comes_back()
    {
        _api.Publish(Malware(7, "Seventh", "evil.example"));
        _api.Publish(Malware(8, "Eighth", "other.example"));
        await RunAsync();
        _reader.Poll();
        _api.Withdraw("m_7");

        await RunAsync();

        Assert.Equal(1, _reader.Poll());
        Assert.DoesNotContain("evil.example", _reader.Values);
        Assert.Contains("other.example", _reader.Values);
        Assert.Equal(2, _reader.Manifest.Count);
        _api.Restore("m_7");
        await RunAsync();
        Assert.Equal(1, _reader.Poll());
        Assert.Contains("evil.example", _reader.Values);
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_taken_back()
    {
        _api.Publish(Malware(7, "Seventh", "old.example").At(DateTimeOffset.UtcNow.AddDays(-30)));
        _api.Publish(Malware(8, "Eighth", "over.example").At(DateTimeOffset.UtcNow.AddDays(-100)));
        await RunAsync();
        _reader.Poll();
        Assert.Single(_reader.Manifest);

        _installation.Set("integration_misp_feed", "retention_days", "10").Save();
        await RunAsync();

        Assert.Equal(1, _reader.Poll());
        Assert.Empty(_reader.Values);
    }

    [Fact]
    public async Task A_run_without_news_touches_no_file_and_a_missing_one_comes_back()
    {
        _api.Publish(Malware(7, "Seventh", "evil.example"));
        await RunAsync();
        var before = Times();

        await RunAsync();
        Assert.Equal(before, Times());
        _api.Publish(Malware(8, "Eighth", "other.example"));
        await RunAsync();
        Assert.Equal(before.Where(file => !file.Key.Contains('.', StringComparison.Ordinal)), Times().Where(file => !file.Key.Contains('.', StringComparison.Ordinal)));
        File.Delete(Path.Combine(Feed, "manifest.json"));
        await RunAsync();
        Assert.Equal(2, _reader.Poll());

        SortedDictionary<string, DateTime> Times() => new(Directory.EnumerateFiles(Feed).ToDictionary(path => Path.GetFileName(path), File.GetLastWriteTimeUtc), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Files_of_others_are_left_alone()
    {
        Directory.CreateDirectory(Feed);
        var other = Path.Combine(Feed, "11111111-1111-4111-8111-111111111111.json");
        await File.WriteAllTextAsync(other, """{"Event":{"uuid":"11111111-1111-4111-8111-111111111111","Orgc":{"uuid":"22222222-2222-4222-8222-222222222222"}}}""", Stop);
        var text = await File.ReadAllTextAsync(other, Stop);
        _api.Publish(Malware(7, "Seventh", "evil.example"));

        await RunAsync();

        Assert.Equal(text, await File.ReadAllTextAsync(other, Stop));
        Assert.Equal(1, _reader.Poll());
    }

    [Fact]
    [Trait("Case", "T14")]
    public async Task Nothing_that_thousands_share_is_correlated()
    {
        foreach (var number in Enumerable.Range(1, 30))
        {
            _api.Publish(Malware(number, "One family", FormattableString.Invariant($"host{number}.example")));
        }

        await RunAsync();
        _reader.Poll();

        var correlated = _reader.Events.SelectMany(item => item["Attribute"]!.AsArray())
            .Where(attribute => (bool?)attribute!["disable_correlation"] != true).Select(attribute => (string)attribute!["value"]!);
        Assert.All(correlated.CountBy(value => value), value => Assert.Equal(1, value.Value));
    }

    private Task<RunSummary> RunAsync() => _installation.RunAsync(products: [ProductCatalogue.All.OfType<MispFeedFolder>().Single()]);
}
