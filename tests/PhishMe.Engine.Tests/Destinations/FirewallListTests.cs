using System.Net;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>Lists for firewalls, read by the rules of PAN-OS: each has one type, and a firewall has one capacity for all lists of a type.</summary>
public sealed class FirewallListTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Case", "T20")]
    public async Task Every_list_has_entries_of_its_own_type_only()
    {
        await using var simulator = await StartAsync();
        using var installation = new Installation(simulator).Feed("paloalto_minemeld", "output_dir", "minemeld").Save();

        await installation.RunAsync();

        Assert.Equal(["a.example", "b.example"], Lines(installation, "domain.txt"));
        Assert.Equal(["198.51.100.7"], Lines(installation, "ip.txt"));
        Assert.Equal(["a.example/", "a.example:8080/x", "b.example/?q=1"], Lines(installation, "url.txt"));
        Assert.All(Lines(installation, "domain.txt"), line => Assert.DoesNotContain('/', line));
        Assert.All(Lines(installation, "ip.txt"), line => Assert.True(IPAddress.TryParse(line, out _)));
        Assert.All(Lines(installation, "url.txt"), line => Assert.Contains('/', line));
    }

    /// <summary>What a firewall ignores beyond its capacity would be the sum of the lists of a type; with one list of each, the number is that of the list.</summary>
    [Fact]
    [Trait("Case", "T12")]
    public async Task There_is_one_list_of_each_type_and_what_does_not_fit_is_said_with_both_numbers()
    {
        await using var simulator = await StartAsync();
        using var installation = new Installation(simulator).Feed("paloalto_minemeld", "output_dir", "minemeld").Set("integration_paloalto_minemeld", "max_rows", "1").Save();

        var summary = await installation.RunAsync();

        Assert.Equal(
            ["domain.txt", "indicators.csv", "ip.txt", "url.txt"],
            Directory.GetFiles(installation.InFolder("minemeld")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Contains(summary.Warnings, warning => warning.Contains("domain.txt is cut to 1 of 2 rows", StringComparison.Ordinal));
        Assert.Contains(summary.Warnings, warning => warning.Contains("url.txt is cut to 1 of 3 rows", StringComparison.Ordinal));
        Assert.DoesNotContain(summary.Warnings, warning => warning.Contains("ip.txt", StringComparison.Ordinal));
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        simulator.Publish(ThreatBuilder.Malware(1, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds())
            .Domain("a.example").Domain("b.example").IPv4("198.51.100.7").Url("http://a.example").Url("https://a.example:8080/x").Url("http://b.example?q=1")
            .Block("Email", "who@a.example").File("0cc175b9c0f1b6a831c399e269772661", "a.exe"));
        return simulator;
    }

    private static string[] Lines(Installation installation, string name) => File.ReadAllLines(installation.InFolder($"minemeld/{name}"));
}
