using System.Text;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A shared state is asked for many values at once, and its answers are those of a state file, in the same order.</summary>
public sealed class GatheredQuestionsTests
{
    private const int Stored = 400;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_text_gives_the_same_matches_in_the_same_order_as_a_state_file()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var file = new StoreFolder();
        using var shared = new StoreFolder(StateBackendKind.PostgreSql);
        Fill(file);
        Fill(shared);
        var text = Encoding.UTF8.GetBytes(Text(random, lines: 20_000));

        var expected = Described(file.FindInText(text));
        var found = Described(shared.FindInText(text));

        // More different links than are remembered from piece to piece.
        Assert.True(expected.Count > 8192, $"seed {seed}: {expected.Count}");
        Assert.True(expected.SequenceEqual(found), $"seed {seed}: {expected.Count} and {found.Count}");
    }

    [Fact]
    public void A_text_asks_at_most_two_questions_for_each_piece_and_none_for_a_line()
    {
        using var folder = new StoreFolder(StateBackendKind.PostgreSql);
        Fill(folder);
        using var reader = folder.Store.OpenReader();
        var index = new CountedIndex((IDistantIndex)reader.Index);
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(Text(new Random(1), lines: 20_000)));
        using var plain = PlainText.Open(text, path: null);

        var matches = new TextSearch(new IndicatorFinder(index), MatchFilter.Everything).Search(plain, Stop).Count();

        Assert.True(matches > 8192);
        Assert.InRange(index.Pieces, 2, 20);
        Assert.InRange(index.Questions, 1, 2 * index.Pieces);
    }

    [Fact]
    public void What_no_host_of_a_text_has_costs_one_question_for_each_piece()
    {
        using var folder = new StoreFolder(StateBackendKind.PostgreSql);
        Fill(folder);
        using var reader = folder.Store.OpenReader();
        var index = new CountedIndex((IDistantIndex)reader.Index);
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(line => $"http://good{line % 700}.example.net/x{line} 200\n"))));
        using var plain = PlainText.Open(text, path: null);

        Assert.Empty(new TextSearch(new IndicatorFinder(index), MatchFilter.Everything).Search(plain, Stop));

        Assert.InRange(index.Questions, 1, index.Pieces);
    }

    [Fact]
    public void Values_are_asked_for_together_and_answered_in_their_order()
    {
        var random = new Random(2);
        using var file = new StoreFolder();
        using var shared = new StoreFolder(StateBackendKind.PostgreSql);
        Fill(file);
        Fill(shared);
        string[] values = [.. Enumerable.Range(0, 30_000).Select(_ => random.Next(3) switch { 0 => Link(random), 1 => $"www.{Host(random)}", _ => $"203.0.113.{random.Next(256)}/31" })];
        using var one = file.Open();
        using var other = shared.Open();

        Assert.Equal(Described(one.Find(values, cancellationToken: Stop)), Described(other.Find(values, cancellationToken: Stop)));

        using var reader = shared.Store.OpenReader();
        var index = new CountedIndex((IDistantIndex)reader.Index);
        string[] hosts = [.. Enumerable.Range(0, 256).Select(_ => Host(random))];
        Assert.NotEmpty(new IndicatorFinder(index).Find(hosts, MatchFilter.Everything));
        Assert.Equal(1, index.Questions);
    }

    [Fact]
    public void A_look_up_between_two_matches_of_a_text_is_answered_too()
    {
        using var folder = new StoreFolder(StateBackendKind.PostgreSql);
        Fill(folder);
        using var store = folder.Open();
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(Text(new Random(3), lines: 3000)));

        foreach (var match in store.FindInText(text, cancellationToken: Stop).Take(20))
        {
            Assert.NotEmpty(store.Find(match.Input));
            Assert.Empty(store.Find("good.example.net"));
        }
    }

    private static void Fill(StoreFolder folder) => folder.Put(Enumerable.Range(0, Stored).Select(number => Malware(number)
        .Domain($"evil{number}.example").Url($"http://link{number}.example/a?b={number}").IPv4($"203.0.113.{number % 256}")));

    private static string Text(Random random, int lines) => string.Concat(Enumerable.Range(0, lines).Select(line =>
        $"2025-06-01T12:30:45.{line:000000}Z 10.20.30.{random.Next(256)} GET {(random.Next(4) == 0 ? $"https://good{random.Next(5000)}.example.net/{line}" : Link(random))} 200\n"));

    private static string Link(Random random) => random.Next(3) switch
    {
        0 => $"http://link{random.Next(Stored)}.example/a?b={random.Next(Stored)}",
        1 => $"https://{Host(random)}/{random.Next()}",
        _ => $"http://203.0.113.{random.Next(256)}/{random.Next(100)}",
    };

    private static string Host(Random random) => $"evil{random.Next(Stored)}.example";

    private static List<string> Described(IEnumerable<IndicatorMatch> matches) =>
        [.. matches.Select(match => $"{match.LineNumber} {match.Input} {match.MatchKind} {match.MatchedValue} {match.ThreatId} {match.Role}")];

    /// <summary>Counts what would be round trips to a server.</summary>
    private sealed class CountedIndex(IDistantIndex index) : IDistantIndex
    {
        /// <summary>How often it was asked whether anything has changed: once for each piece of a text.</summary>
        public int Pieces { get; private set; }

        public int Questions { get; private set; }

        public bool HasChanged()
        {
            Pieces++;
            return index.HasChanged();
        }

        public IReadOnlyCollection<long> FindPresent(IReadOnlyCollection<long> keys)
        {
            Questions++;
            return index.FindPresent(keys);
        }

        public void Read(ReadOnlySpan<long> keys, List<StoredIndicator> found, Span<int> ends)
        {
            Questions++;
            index.Read(keys, found, ends);
        }

        public int ReadRange(AddressRange range, int most, List<StoredIndicator> found)
        {
            Questions++;
            return index.ReadRange(range, most, found);
        }

        public IReadOnlyList<string> ReadNetworks() => index.ReadNetworks();
    }
}
