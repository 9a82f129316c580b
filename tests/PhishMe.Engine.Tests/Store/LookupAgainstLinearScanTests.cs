using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>The index must find what a plain reading of the rules over all indicators finds, no more and no less.</summary>
public abstract class LookupAgainstLinearScanTests(StateBackendKind backend)
{
    private const int Threats = 120;
    private const int Questions = 3000;
    private const int KeysInMemoryAfter = 10_000;
    private static readonly string[] _labels = ["a", "b", "evil", "notevil", "www", "x-1"];
    private static readonly string[] _ends = ["example", "example.com", "test"];

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Index_and_linear_scan_agree(int offset, bool keysInMemory)
    {
        var seed = Environment.TickCount + offset;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var stored = new List<(ThreatId Id, string Kind, string Value)>();
        var threats = new List<JsonObject>();
        for (var number = 1; number <= Threats; number++)
        {
            var threat = Malware(number);
            for (var i = random.Next(6); i >= 0; i--)
            {
                var kind = random.Next(5) switch { 0 or 1 => "Domain Name", 2 => "URL", 3 => "IPv4 Address", _ => "Email" };
                var value = kind switch
                {
                    "Domain Name" => (random.Next(6) == 0 ? "*." : string.Empty) + Host(random),
                    "URL" => Url(random),
                    "IPv4 Address" => Address(random) + (random.Next(8) == 0 ? $"/{random.Next(24, 33)}" : string.Empty),
                    _ => $"{_labels[random.Next(2)]}@{Host(random)}",
                };
                threat.Block(kind, value, "Major", $"R{i}");
                stored.Add((new ThreatId(ThreatType.Malware, number), kind, value));
            }

            threats.Add(threat);
        }

        using var folder = new StoreFolder(backend);
        folder.Put(threats[..80]).MoveKeys().Put(threats[40..]);
        using var store = folder.Open();
        if (keysInMemory)
        {
            Assert.Empty(store.Find(Enumerable.Repeat("nothing.here", KeysInMemoryAfter), cancellationToken: TestContext.Current.CancellationToken));
        }

        for (var i = 0; i < Questions; i++)
        {
            var question = random.Next(6) switch
            {
                0 => Host(random),
                1 => Url(random),
                2 => Address(random),
                3 => $"{Address(random)}/{random.Next(22, 33)}",
                4 => $"{_labels[random.Next(2)]}@{Host(random)}",
                _ => "*." + Host(random),
            };

            // Two indicators of a threat may be the same value in different roles: compared as a list, not as a set.
            string[] expected = [.. stored.Where(one => Meets(question, one.Kind, one.Value) is not null).Select(one => $"{one.Id} {one.Value} {Meets(question, one.Kind, one.Value)}").Order(StringComparer.Ordinal)];
            string[] found = [.. store.Find(question).Select(match => $"{match.ThreatId} {match.MatchedValue} {match.MatchKind}").Order(StringComparer.Ordinal)];
            Assert.True(expected.SequenceEqual(found), $"seed {seed}, '{question}':\nexpected {string.Join("; ", expected)}\nfound    {string.Join("; ", found)}");
        }
    }

    [Fact]
    public void A_text_gives_what_its_values_give_one_by_one()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new StoreFolder(backend);
        folder.Put(Enumerable.Range(1, 60).Select(number => Malware(number).Domain(Host(random)).Url(Url(random)).IPv4(Address(random))));
        using var store = folder.Open();
        var text = new StringBuilder();
        var expected = new List<string>();
        for (var line = 1; line <= 3000; line++)
        {
            var value = random.Next(3) switch { 0 => Host(random), 1 => Url(random), _ => Address(random) };
            text.Append("2025-06-01T12:30:45.123Z 10.20 host=\"-\" ").Append(random.Next(2) == 0 ? value : $"<{value}>").Append(" 200 end\n");
            expected.AddRange(store.Find(value).Select(match => $"{line} {match.ThreatId} {match.MatchedValue} {match.MatchKind}"));
        }

        string[] found = [.. folder.FindInText(text.ToString()).Select(match => $"{match.LineNumber} {match.ThreatId} {match.MatchedValue} {match.MatchKind}")];

        Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal)), $"seed {seed}");
    }

    private static string Host(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => _labels[random.Next(_labels.Length)] + ".")) + $"{_labels[random.Next(_labels.Length)]}.{_ends[random.Next(_ends.Length)]}";

    private static string Address(Random random) => $"203.0.113.{random.Next(40)}";

    private static string Url(Random random) =>
        $"{(random.Next(4) == 0 ? "https" : "http")}://{(random.Next(4) == 0 ? Address(random) : Host(random))}/{_labels[random.Next(2)]}{(random.Next(3) == 0 ? $"?q={random.Next(2)}" : string.Empty)}";

    /// <summary>The rules as a person reads them, over values that are in normal form already.</summary>
    private static MatchKind? Meets(string question, string kind, string value)
    {
        var url = question.Contains("://", StringComparison.Ordinal);
        var mail = question.Contains('@', StringComparison.Ordinal);
        var host = url ? new Uri(question).Host : mail ? question[(question.IndexOf('@') + 1)..] : question;
        var network = !url && question.Contains('/', StringComparison.Ordinal);
        var address = IPAddress.TryParse(host, out _);
        if (question == value)
        {
            return MatchKind.Exact;
        }

        switch (kind)
        {
            case "URL":
                if (network)
                {
                    return Within(new Uri(value).Host, question) ? MatchKind.Cidr : null;
                }

                return url && value.Split('?')[0] == question.Split('?')[0] ? MatchKind.UrlWithoutQuery
                    : !mail && new Uri(value).Host == host ? MatchKind.UrlHost
                    : null;
            case "IPv4 Address":
                return network ? (!value.Contains('/', StringComparison.Ordinal) && Within(value, question) ? MatchKind.Cidr : null)
                    : value == host && url ? MatchKind.UrlHost
                    : address && value.Contains('/', StringComparison.Ordinal) && Within(host, value) ? MatchKind.Cidr
                    : null;
            case "Domain Name" when !network && !address:
                var wildcard = question.StartsWith("*.", StringComparison.Ordinal);
                host = wildcard ? question[2..] : host;
                if (value.StartsWith("*.", StringComparison.Ordinal))
                {
                    return (host == value[2..] && !wildcard) || host.EndsWith(value[1..], StringComparison.Ordinal) ? MatchKind.WildcardDomain : null;
                }

                return host == value && url ? MatchKind.UrlHost
                    : (host == value && (mail || wildcard)) || host.EndsWith("." + value, StringComparison.Ordinal) ? MatchKind.ParentDomain
                    : null;
            default:
                return null;
        }
    }

    private static bool Within(string address, string network) =>
        IPAddress.TryParse(address, out var parsed) && Number(parsed) >> (32 - Prefix(network)) == Number(IPAddress.Parse(network.Split('/')[0])) >> (32 - Prefix(network));

    private static int Prefix(string network) => int.Parse(network.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static ulong Number(IPAddress address) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}

/// <summary>In a file.</summary>
public sealed class SqliteLookupAgainstLinearScanTests() : LookupAgainstLinearScanTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlLookupAgainstLinearScanTests() : LookupAgainstLinearScanTests(StateBackendKind.PostgreSql);
