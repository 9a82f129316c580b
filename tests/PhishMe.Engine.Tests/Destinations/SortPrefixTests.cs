using System.Text;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>The numbers by which rows of feeds are compared first, before their bytes.</summary>
public sealed class SortPrefixTests
{
    /// <summary>Length of what stands in a key behind the value.</summary>
    private const int Tail = 19;

    private static readonly string[] _beginnings = ["http://", "https://", "http:/", "https:/", "http", "ftp://", "HTTP://", "httpz://", "", "z", "é"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Never_contradict_the_order_of_the_bytes(int seed)
    {
        var random = new Random(seed);
        byte[][] keys = [.. Enumerable.Range(0, 400).Select(_ => Key(random))];

        foreach (var left in keys)
        {
            foreach (var right in keys)
            {
                if (FeedRow.PrefixOf(left) < FeedRow.PrefixOf(right))
                {
                    Assert.True(left.AsSpan().SequenceCompareTo(right) < 0, $"seed {seed}: {Convert.ToHexString(left)} and {Convert.ToHexString(right)}");
                }
            }
        }
    }

    [Fact]
    public void Tell_the_hosts_of_URLs_apart()
    {
        var prefixes = ((string[])["http://aa.example", "http://ab.example", "https://aa.example", "https://ab.example"])
            .Select(url => FeedRow.PrefixOf([(byte)IndicatorKind.Url, .. Encoding.UTF8.GetBytes(url), .. new byte[Tail]])).ToArray();

        Assert.Equal(prefixes.Distinct().Order(), prefixes);
    }

    private static byte[] Key(Random random)
    {
        var kind = random.Next(4) == 0 ? IndicatorKind.Domain : IndicatorKind.Url;
        var value = _beginnings[random.Next(_beginnings.Length)] + new string([.. Enumerable.Range(0, random.Next(10)).Select(_ => "ab/.é"[random.Next(5)])]);
        var tail = new byte[Tail];
        random.NextBytes(tail);
        tail[0] = 0;
        return [(byte)kind, .. Encoding.UTF8.GetBytes(value), .. tail];
    }
}
