using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Tests.Rendering;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A search of a text finds what is there and nothing that only looks like it.</summary>
public abstract class NearMissTests(StateBackendKind backend)
{
    private const int Rounds = 400;

    [Fact]
    public void Nothing_of_the_corpus_is_found_and_each_value_is_found_where_it_stands_alone()
    {
        var lines = Corpus().ToList();
        string[] values = [.. lines.SelectMany(line => line.Values).Distinct(StringComparer.Ordinal)];
        using var folder = Stored(values);

        var found = folder.FindInText(string.Join('\n', lines.Select(line => line.Text)));
        var wrong = found
            .Where(match => lines[(int)match.LineNumber!.Value - 1].Values.Any(value => Same(value, match.MatchedValue)))
            .Select(match => $"{lines[(int)match.LineNumber!.Value - 1].Text}: {match.Input} met {match.MatchedValue}, {match.MatchKind}");

        Assert.Empty(wrong);
        var alone = folder.FindInText(string.Join('\n', values)).Where(match => match.MatchKind is MatchKind.Exact or MatchKind.Hash or MatchKind.Sender)
            .Select(match => values[(int)match.LineNumber!.Value - 1]).Distinct();
        Assert.Equal(values.Where(IsFoundAlone).Order(StringComparer.Ordinal), alone.Where(IsFoundAlone).Order(StringComparer.Ordinal));
        Assert.True(lines.Count > 120, $"{lines.Count} lines");
    }

    [Theory]
    [InlineData("\t{0}\t")]
    [InlineData("a=\"{0}\" b")]
    [InlineData("{{\"v\":\"{0}\"}}")]
    [InlineData("x,{0},y")]
    [InlineData("<{0}>")]
    [InlineData("({0})")]
    [InlineData("'{0}';")]
    [InlineData("{0}.\n")]
    [InlineData("GET http://{0}/a HTTP/1.1")]
    [InlineData("https://good.example/?u=http%3A%2F%2F{0}%2F&x")]
    public void Generated_near_misses_are_not_found_in_any_line_and_what_they_are_near_to_is(string form)
    {
        var seed = new Randomness().Seed;
        var random = new Random(seed);
        string[] domains = ["evil.example", "www.evil-site.example", "a1.b2.c3.example", "xn--bro-hoa.example"];
        string[] addresses = ["203.0.113.7", "198.51.100.250", "192.0.2.99"];
        using var folder = Stored([.. domains, .. addresses]);
        var text = new StringBuilder();
        var misses = new List<string>();
        for (var i = 0; i < Rounds; i++)
        {
            var miss = i % 2 == 0 ? NearName(domains[random.Next(domains.Length)], random) : NearAddress(addresses[random.Next(addresses.Length)], random);
            if (!IsMeant(miss, domains, addresses))
            {
                misses.Add(miss);
                text.AppendFormat(null, form, miss).Append('\n');
            }
        }

        var found = folder.FindInText(text.ToString()).Select(match => $"seed {seed}: {match.Input} met {match.MatchedValue}");
        Assert.Empty(found);
        Assert.True(misses.Count > Rounds / 2, $"seed {seed}: {misses.Count} near misses");
        Assert.All(domains.Concat(addresses), value => Assert.NotEmpty(folder.FindInText(string.Format(null, form, value))));
    }

    [Fact]
    public void Generated_near_misses_of_hashes_are_not_found()
    {
        var seed = new Randomness().Seed;
        var random = new Random(seed);
        string[] hashes = [Hex(random, 32), Hex(random, 40), Hex(random, 64), Hex(random, 128)];
        using var folder = Stored(hashes);
        var text = new StringBuilder();
        for (var i = 0; i < Rounds; i++)
        {
            var hash = hashes[i % hashes.Length];
            var at = random.Next(hash.Length);
            text.Append(random.Next(5) switch
            {
                0 => hash[..at] + (hash[at] == 'f' ? 'e' : 'f') + hash[(at + 1)..],
                1 => hash.Insert(at, "0") + "0",
                2 => hash.Remove(at, 1),
                3 => hash.Insert(Math.Max(at, 1), "-"),
                _ => hash + Hex(random, 8),
            }).Append(' ');
        }

        Assert.Empty(folder.FindInText(text.ToString()).Select(match => $"seed {seed}: {match.Input} met {match.MatchedValue}"));
        Assert.Equal(hashes.Length, folder.FindInText(string.Join(' ', hashes)).Count);
    }

    // A single dot, letter or digit less or more, or in another place.
    private static string NearName(string name, Random random)
    {
        var at = random.Next(name.Length + 1);
        return random.Next(8) switch
        {
            0 => name + "." + Word(random),
            1 => Word(random) + name,
            2 => Word(random) + "-" + name,
            3 => name + "-" + Word(random),
            4 => name + Word(random),
            5 => name.Insert(at, Word(random)),
            6 => name.Remove(Math.Min(at, name.Length - 1), 1),
            _ => name.Replace('.', random.Next(2) == 0 ? '-' : '_'),
        };
    }

    private static string NearAddress(string address, Random random)
    {
        var parts = address.Split('.');
        var at = random.Next(4);
        switch (random.Next(8))
        {
            case 0: return $"{random.Next(1, 255)}.{address}";
            case 1: return $"{address}.{random.Next(1, 255)}.{random.Next(1, 255)}";
            case 2: return address + (char)('a' + random.Next(26));
            case 3: return $"{address}-{random.Next(100)}";
            case 4: return (char)('g' + random.Next(20)) + address;
            case 5: return address.Replace('.', '-');
            case 6: return $"{random.Next(1, 9)}{address}";
            default:
                parts[at] = ((int.Parse(parts[at], System.Globalization.CultureInfo.InvariantCulture) + 1 + random.Next(254)) % 256)
                    .ToString(System.Globalization.CultureInfo.InvariantCulture);
                return string.Join('.', parts);
        }
    }

    // A change may make another of the values, or a name below one of them.
    private static bool IsMeant(string text, string[] domains, string[] addresses) =>
        domains.Any(domain => text == domain || text.EndsWith("." + domain, StringComparison.Ordinal)) || addresses.Contains(text);

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => (char)('a' + random.Next(26))));

    private static string Hex(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "0123456789abcdef"[random.Next(16)]));

    private static bool Same(string value, string matched) => IndicatorNormalizer.TryDetect(value, out _, out var normal) && normal == matched;

    // Some values are what a careless reader would make of a text, and no indicators.
    private static bool IsFoundAlone(string value) => IndicatorNormalizer.TryDetect(value, out _, out _);

    private StoreFolder Stored(string[] values)
    {
        var threat = Malware(1);
        foreach (var value in values)
        {
            if (!IndicatorNormalizer.TryDetect(value, out var kind, out var normal))
            {
                continue;
            }

            threat.Block(
                kind switch
                {
                    IndicatorKind.Domain => "Domain Name",
                    IndicatorKind.IPv4 => "IPv4 Address",
                    IndicatorKind.IPv6 => "IPv6 Address",
                    IndicatorKind.Email => "Email",
                    _ => "File Hash",
                },
                normal);
        }

        return new StoreFolder(backend).Put(threat);
    }

    private static IEnumerable<(string Text, string[] Values)> Corpus()
    {
        using var stream = typeof(NearMissTests).Assembly.GetManifestResourceStream("Store/NearMisses.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is string line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var text, var values])
            {
                yield return (text, values.Split(' '));
            }
        }
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteNearMissTests() : NearMissTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlNearMissTests() : NearMissTests(StateBackendKind.PostgreSql);
