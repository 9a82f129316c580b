using System.Text;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>Feeds written to a path without a configuration file, and the sort that they are made with.</summary>
public sealed class FeedWriterTests : IDisposable
{
    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-feeds-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IIntelligenceEngine Engine => new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });

    public static TheoryData<string> Names => [.. Engine.Feeds.Select(feed => feed.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Names))]
    public void Every_feed_can_be_written_and_the_second_time_nothing_is_touched(string name)
    {
        var path = Path.Combine(_folder, name);

        var first = Write(name, path);
        var second = Write(name, path);

        Assert.NotEmpty(first.Files);
        Assert.All(first.Files, file => Assert.True(file.IsWritten));
        Assert.All(second.Files, file => Assert.False(file.IsWritten));
        Assert.Contains(first.Files, file => file.Rows > 0 && File.ReadAllText(file.Path).Contains("bad.example", StringComparison.Ordinal));
        Assert.Equal(first.Files.Select(file => (file.Path, file.Rows, file.Bytes)), second.Files.Select(file => (file.Path, file.Rows, file.Bytes)));
        Assert.All(first.Files, file => Assert.Equal(new FileInfo(file.Path).Length, file.Bytes));
        Assert.Equal((2L, 2L), first.Kinds.Where(kind => kind.Kind == IndicatorKind.Domain).Select(kind => (kind.Offered, kind.Delivered)).Single());
        Assert.Empty(Directory.EnumerateFiles(_folder, ".*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_is_on_the_allow_list_is_in_no_feed()
    {
        using var writer = Engine.CreateFeedWriter(new FeedOptions { Name = "paloalto_minemeld", Path = Path.Combine(_folder, "out"), AllowList = ["bad.example"] });
        writer.Add(Read(ThreatBuilder.Malware(1, _now).Domain("www.bad.example").Domain("other.example")));

        var summary = writer.Complete(Stop);

        Assert.Equal("other.example\n", File.ReadAllText(Path.Combine(_folder, "out", "domain.txt")));
        Assert.Equal(1, summary.LeftOut[LeftOutReason.AllowListed]);
    }

    [Fact]
    public void A_name_that_is_not_a_feed_is_refused_with_those_that_are()
    {
        var exception = Assert.Throws<PhishMeException>(() => Engine.CreateFeedWriter(new FeedOptions { Name = "nosuch", Path = _folder }));

        Assert.Equal("DestinationNotFound", exception.Fault.Kind.Id);
        Assert.Contains("carbon_black", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_that_was_not_completed_leaves_nothing()
    {
        using (var writer = Engine.CreateFeedWriter(new FeedOptions { Name = "logrhythm", Path = Path.Combine(_folder, "out") }))
        {
            writer.Add(Read(ThreatBuilder.Malware(1, _now).Domain("bad.example")));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    public void What_is_spilled_is_merged_in_order(int count)
    {
        const int Seed = 20261128;
        var random = new Random(Seed);
        string[] keys = [.. Enumerable.Range(0, count).Select(_ => random.Next(2_000).ToString("x") + (random.Next(3) == 0 ? new string('k', random.Next(40)) : string.Empty))];
        using var sort = new ExternalSort(_folder, capacity: 4_096);
        foreach (var key in keys)
        {
            sort.Add(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes("value of " + key));
        }

        var read = new List<string>();
        for (var items = sort.Read(); items.MoveNext();)
        {
            var key = Encoding.UTF8.GetString(items.Key);
            Assert.Equal("value of " + key, Encoding.UTF8.GetString(items.Value));
            read.Add(key);
        }

        Assert.True(keys.Order(StringComparer.Ordinal).SequenceEqual(read), $"seed {Seed}");
    }

    private static Threat Read(System.Text.Json.Nodes.JsonObject threat) => Engine.ReadThreat(Encoding.UTF8.GetBytes(threat.ToJsonString()));

    private static FeedSummary Write(string name, string path)
    {
        using var writer = Engine.CreateFeedWriter(new FeedOptions { Name = name, Path = path });
        writer.Add(Read(ThreatBuilder.Malware(1, _now).Domain("bad.example").Domain("worse.example").Url("https://bad.example/x").IPv4("198.51.100.1")));
        writer.Add(Read(ThreatBuilder.Malware(2, _now).Domain("gone.example")) with { Withdrawn = true });
        return writer.Complete(Stop);
    }
}
