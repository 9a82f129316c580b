using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed partial class GeneratedThreats
{
    private static readonly Lazy<Task<Dictionary<(string, long), string>>> Thousand = new(async () =>
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 1000 });
        return Documents(simulator);
    });

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_in_all_three_formats()
    {
        await using var one = await StartAsync(60, seed: 7);
        await using var two = await StartAsync(60, seed: 7);
        await using var other = await StartAsync(60, seed: 8);

        Assert.Equal(one.Threats, two.Threats);
        Assert.Equal(one.CurrentPosition, two.CurrentPosition);
        foreach ((var type, var id) in one.Threats)
        {
            Assert.Equal(one.Json(type, id).ToArray(), two.Json(type, id).ToArray());
            Assert.Equal(one.Cef(type, id), two.Cef(type, id));
            Assert.Equal(one.Stix(type, id), two.Stix(type, id));
            Assert.NotEqual(one.Json(type, id).ToArray(), other.Json(type, id).ToArray());
        }
    }

    [Fact]
    public async Task Both_products_share_some_numbers()
    {
        await using var simulator = await StartAsync(100);
        var numbers = simulator.Threats.ToLookup(threat => threat.Type, threat => threat.Id);
        Assert.Equal(70, numbers["malware"].Count());
        Assert.Equal(30, numbers["phish"].Count());
        Assert.NotEmpty(numbers["malware"].Intersect(numbers["phish"]));
    }

    [Fact]
    public async Task Thirty_threats_show_every_era()
    {
        await using var simulator = await StartAsync(30);
        string[] documents = [.. Documents(simulator).Values];
        Assert.Contains(documents, document => document.Contains("\"createdOn\":", StringComparison.Ordinal));
        Assert.Contains(documents, document => IsMalware(document) && !document.Contains("\"apiReportURL\":", StringComparison.Ordinal));
        Assert.Contains(documents, document => IsMalware(document)
            && document.Contains("\"apiReportURL\":", StringComparison.Ordinal) && !document.Contains("deliveryMechanism", StringComparison.Ordinal));
        Assert.Contains(documents, document => document.Contains("\"deliveryMechanisms\":", StringComparison.Ordinal)
            && !document.Contains("secureEmailGatewaySet", StringComparison.Ordinal));
        Assert.Contains(documents, document => document.Contains("\"secureEmailGatewaySet\":[]", StringComparison.Ordinal));
        Assert.Contains(documents, document => !IsMalware(document) && !document.Contains("reportedURLs_1", StringComparison.Ordinal));
        Assert.Contains(documents, document => !IsMalware(document) && document.Contains("reportedURLs_1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"blockSet\":null")]
    [InlineData("\"kits\":null")]
    [InlineData("\"webComponents\":null")]
    [InlineData("\"<redacted>\"")]
    [InlineData("\"data_1\":\"\\*")]
    [InlineData("\"blockType\":\"URL\",\"data\":\"http[^\"]*\",\"data_1\":\"http")]
    [InlineData("\"data_1\":{\"(domain|path)\":")]
    [InlineData("\"md5Hex\":\"[0-9a-f]{32}\"}")]
    [InlineData("支払い通知")]
    [InlineData("\\\\u652F\\\\u6255")]
    [InlineData("\"latitude\":39.1620,")]
    [InlineData("\"impact\":\"Medium\"")]
    [InlineData("\"fieldOfTomorrow\":")]
    [InlineData("\"hasReport\":false")]
    [InlineData("\"text\":\"None\"")]
    public async Task A_thousand_threats_hold_this_awkward_value(string pattern)
    {
        Assert.Contains((await ThousandAsync()).Values, document => Regex.IsMatch(document, pattern));
    }

    [Fact]
    public async Task A_thousand_threats_hold_one_with_500_indicators_and_some_without_a_set()
    {
        List<JsonElement> malware = [.. (await ThousandAsync()).Values.Where(IsMalware).Select(document => JsonDocument.Parse(document).RootElement)];
        Assert.Contains(malware, threat => threat.TryGetProperty("blockSet", out var blocks) && blocks.ValueKind == JsonValueKind.Array && blocks.GetArrayLength() == 500);
        foreach (var set in new[] { "blockSet", "executableSet", "domainSet", "senderEmailSet", "senderIpSet", "subjectSet", "spamUrlSet", "malwareFamilySet" })
        {
            Assert.Contains(malware, threat => !threat.TryGetProperty(set, out _));
        }
    }

    [Fact]
    public async Task Sizes_are_those_of_real_threats()
    {
        int[] sizes = [.. (await ThousandAsync()).Values.Select(Encoding.UTF8.GetByteCount)];
        Assert.InRange(sizes.Average(), 5_000, 11_000);
        Assert.Contains(sizes, size => size > 30_000);
    }

    [Fact]
    public async Task Only_documentation_addresses_occur()
    {
        var all = string.Concat((await ThousandAsync()).Values);
        string[] strangers =
        [
            .. Address().Matches(all).Select(match => match.Value).Distinct()
                .Where(address => !address.StartsWith("192.0.2.", StringComparison.Ordinal)
                    && !address.StartsWith("198.51.100.", StringComparison.Ordinal)
                    && !address.StartsWith("203.0.113.", StringComparison.Ordinal)),
        ];
        Assert.Empty(strangers);
    }

    [Fact]
    public async Task A_hundred_thousand_cost_little_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var simulator = await StartAsync(100_000);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        using var caller = new ApiCaller(simulator);
        var last = await caller.DataAsync("/threat/search?resultsPerPage=100&page=999");

        Assert.Equal(100, last.GetProperty("threats").GetArrayLength());
        Assert.Equal(1000, last.GetProperty("page").GetProperty("totalPages").GetInt32());

        // Other tests allocate at the same time, hence the wide margin: as bytes they would be 800 MB.
        Assert.True(after - before < 150_000_000, $"{after - before} bytes");
    }

    [GeneratedRegex(@"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])")]
    private static partial Regex Address();

    private static Task<ThreatHqSimulator> StartAsync(int threats, int seed = 1) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats, Seed = seed }, TestContext.Current.CancellationToken);

    private static bool IsMalware(string document) => document.EndsWith("\"threatType\":\"MALWARE\"}", StringComparison.Ordinal);

    private static Task<Dictionary<(string, long), string>> ThousandAsync() => Thousand.Value;

    private static Dictionary<(string, long), string> Documents(ThreatHqSimulator simulator) =>
        simulator.Threats.ToDictionary(threat => (threat.Type, threat.Id), threat => Encoding.UTF8.GetString(simulator.Json(threat.Type, threat.Id).Span));
}
