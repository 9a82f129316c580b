using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>What every product that reads files has to stand, in whole runs from the API to its files. Counted is what the files hold.</summary>
public sealed class FeedScenarioTests
{
    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();

    public static TheoryData<string> Products => ["carbon_black", "logrhythm", "centripetal_networks", "paloalto_minemeld", "qradar_siem"];

    /// <summary>Those of several files. A folder in the place of the one file of Carbon Black is a finding in the configuration.</summary>
    public static TheoryData<string> ProductsOfSeveralFiles => ["logrhythm", "centripetal_networks", "paloalto_minemeld", "qradar_siem"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Products))]
    public async Task Backfill_no_news_one_new_indicator_withdrawal(string product)
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, product);

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(["login.example", "own.example", "second.example", "shared.example"], Domains(installation, product));

        var before = Contents(installation);
        var idle = Assert.Single((await installation.RunAsync()).Destinations);
        Assert.Equal((0, before.Count), (idle.FilesWritten, Contents(installation).Count(file => before[file.Key] == file.Value)));

        simulator.Publish(Threat(8, "shared.example", "second.example", "new.example"));
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(["login.example", "new.example", "own.example", "second.example", "shared.example"], Domains(installation, product));

        // The phish with the same number is another threat, and what another threat carries stays.
        simulator.Withdraw("m_7");
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(["login.example", "new.example", "second.example", "shared.example"], Domains(installation, product));
    }

    [Theory, MemberData(nameof(ProductsOfSeveralFiles))]
    public async Task A_file_that_cannot_be_replaced_holds_up_nothing_and_gets_everything_once_later(string product)
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, product).WithOutput("json", files: false).Save();
        var place = installation.InFolder(FileOf(product));
        Directory.CreateDirectory(place);

        var away = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, simulator.CurrentPosition), (away.ExitCode, installation.Position));
        Assert.Equal(3, File.ReadLines(installation.AppendPath("json")).Count());
        Directory.Delete(place);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(["login.example", "own.example", "second.example", "shared.example"], Domains(installation, product));
        Assert.Equal(3, File.ReadLines(installation.AppendPath("json")).Count());
    }

    [Theory, MemberData(nameof(Products))]
    public async Task One_bad_value_costs_itself_alone_and_is_counted(string product)
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(9, "good.example", "bad\u0001.example", "bücher.example"));
        using var installation = Installed(simulator, product);

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal(
            ["good.example", "login.example", "own.example", "second.example", "shared.example", "xn--bcher-kva.example"], Domains(installation, product));
        Assert.DoesNotContain(Contents(installation).Values, content => content.Contains('\u0001', StringComparison.Ordinal));
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        simulator.Publish(Threat(7, "shared.example", "own.example"));
        simulator.Publish(Threat(8, "shared.example", "second.example"));
        var phish = ThreatBuilder.Phish(7, "https://login.example/page");
        (phish["firstDate"], phish["lastDate"]) = (_now - 1000, _now);
        simulator.Publish(phish);
        return simulator;
    }

    private static JsonObject Threat(long id, params IEnumerable<string> domains) =>
        domains.Aggregate(ThreatBuilder.Malware(id, _now), (threat, domain) => threat.Domain(domain));

    private static Installation Installed(ThreatHqSimulator simulator, string product)
    {
        var installation = new Installation(simulator);
        Directory.CreateDirectory(installation.InFolder("share"));
        return (product switch
        {
            "carbon_black" => installation.Feed(product, "cb_feed", "share/cb.json"),
            "qradar_siem" => installation.Feed(product, "json_output_dir", "share/feed").Set("integration_qradar_siem", "append", "False"),
            _ => installation.Feed(product, "output_dir", "share/feed"),
        }).Save();
    }

    /// <summary>The domains in the files of a product, each as often as it stands there; a domain of two reports is one.</summary>
    private static IEnumerable<string> Domains(Installation installation, string product)
    {
        string[] domains = product switch
        {
            "carbon_black" => [.. Reports(installation).SelectMany(report => report!["iocs"]!["dns"]?.AsArray() ?? []).Select(domain => (string)domain!).Distinct()],
            "logrhythm" => [.. Directory.GetFiles(installation.InFolder("share/feed"), "*_domainname_*.txt").SelectMany(File.ReadLines)],
            "centripetal_networks" => [.. File.ReadLines(installation.InFolder("share/feed/domain.csv")).Skip(1).Select(line => line.Split(',')[0])],
            "paloalto_minemeld" => [.. File.ReadLines(installation.InFolder("share/feed/domain.txt"))],
            _ => [.. File.ReadLines(installation.InFolder("share/feed/Hostname.json")).Select(line => JsonNode.Parse(line)!.AsObject().Single().Key)],
        };
        return domains.Order(StringComparer.Ordinal);
    }

    private static JsonArray Reports(Installation installation)
    {
        var feed = File.ReadAllText(installation.InFolder("share/cb.json"));
        CarbonBlackRules.Check(feed);
        return JsonNode.Parse(feed)!["reports"]!.AsArray();
    }

    /// <summary>The file that holds domains.</summary>
    private static string FileOf(string product) => product switch
    {
        "logrhythm" => "share/feed/phishme_intelligence_domainname_major.txt",
        "centripetal_networks" => "share/feed/domain.csv",
        "paloalto_minemeld" => "share/feed/domain.txt",
        _ => "share/feed/Hostname.json",
    };

    private static Dictionary<string, string> Contents(Installation installation) =>
        Directory.GetFiles(installation.InFolder("share"), "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText);
}
