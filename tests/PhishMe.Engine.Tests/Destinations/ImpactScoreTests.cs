using System.Globalization;
using System.Text.Json.Nodes;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Tests.Configuration;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>The keys score_major to score_none: one table for all products, and another for one of them.</summary>
public sealed class ImpactScoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scores_of_integration_defaults_are_everywhere_and_those_of_a_section_win()
    {
        await using var collector = new LoopbackCollector();
        await using var simulator = await StartAsync();
        using var installation = new Installation(simulator)
            .WithOutput("stix", files: false).Set("integration_raw_stix", "version", "2.1")
            .Set("integration_defaults", "score_major", "97").Set("integration_defaults", "score_moderate", "61").Set("integration_defaults", "score_minor", "29")
            .Feed("carbon_black", "cb_feed", "cb.json").Set("integration_carbon_black", "impact_minor", "12")
            .Feed("centripetal_networks", "output_dir", "centripetal").Set("integration_centripetal_networks", "score_moderate", "66")
            .Set("integration_centripetal_networks", "minimum_impact", "none")
            .Feed("paloalto_minemeld", "output_dir", "minemeld")
            .With("fireeye_security_orchestrator", collector.Endpoint, ("payload", "json"), ("framing", "raw"))
            .Save();

        Assert.Null((await installation.RunAsync()).Fault);

        var reports = JsonNode.Parse(Read(installation, "cb.json"))!["reports"]!.AsArray().ToDictionary(report => (string)report!["id"]!, report => (int)report!["score"]!);
        Assert.Equal((97, 61, 12), (reports["1_Major"], reports["1_Moderate"], reports["1_Minor"]));
        Assert.Equal(["97", "66", "29"], Cells(installation, "centripetal/domain.csv", "score", "major.example", "moderate.example", "minor.example"));
        Assert.Equal(["97", "61", "42"], Cells(installation, "minemeld/indicators.csv", "confidence", "major.example", "moderate.example", "rated.example"));
        var records = collector.Received.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(record => (string)record["value"]!, record => (int?)record["confidence"]);
        Assert.Equal((97, 61, 29, 42), (records["major.example"], records["moderate.example"], records["minor.example"], records["rated.example"]));
        var indicators = JsonNode.Parse(File.ReadAllText(installation.AppendPath("stix")).TrimEnd('\n'))!["objects"]!.AsArray()
            .Where(item => (string?)item!["type"] == "indicator").ToDictionary(item => (string)item!["name"]!, item => (int?)item!["confidence"]);
        Assert.Equal((97, 61, 29, 42), (indicators["major.example"], indicators["moderate.example"], indicators["minor.example"], indicators["rated.example"]));
    }

    [Fact]
    public async Task Another_score_makes_the_files_again_although_no_threat_changed()
    {
        await using var simulator = await StartAsync();
        using var installation = new Installation(simulator)
            .Feed("carbon_black", "cb_feed", "cb.json")
            .Feed("centripetal_networks", "output_dir", "centripetal")
            .Feed("paloalto_minemeld", "output_dir", "minemeld").Save();
        await installation.RunAsync();
        Assert.Equal(["75"], Cells(installation, "centripetal/domain.csv", "score", "moderate.example"));

        installation.Set("integration_defaults", "score_moderate", "60").Save(installation.Position);
        await installation.RunAsync();

        Assert.Equal(["60"], Cells(installation, "centripetal/domain.csv", "score", "moderate.example"));
        Assert.Equal(["60"], Cells(installation, "minemeld/indicators.csv", "confidence", "moderate.example"));
        Assert.Contains("\"score\":60", Read(installation, "cb.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_pushed_has_the_confidence_of_the_vendor_or_the_score_of_the_section()
    {
        var choice = IndicatorChoice.Of(
            new DeliverySettings { Scores = new ScoreTable { Major = 90, Moderate = 60, Minor = 30, None = 5 } }, new HashSet<IndicatorKind> { IndicatorKind.Domain });

        Assert.Equal([90, 60, 30, 5, 90], new Impact?[] { Impact.Major, Impact.Moderate, Impact.Minor, Impact.None, null }.Select(impact => choice.ConfidenceIn(Of(impact))));
        Assert.Equal((7, 60), (choice.ConfidenceIn(Of(Impact.Moderate) with { Confidence = 7 }), choice.ConfidenceIn(Of(Impact.Moderate) with { Confidence = 0 })));

        static Indicator Of(Impact? impact) => new()
        {
            ThreatId = new ThreatId(ThreatType.Malware, 1),
            Kind = IndicatorKind.Domain,
            Value = "a.example",
            NormalizedValue = "a.example",
            Impact = impact,
            Source = IndicatorSource.WatchList,
        };
    }

    [Theory]
    [InlineData("score_minor = 80", "OutOfRange", "score_minor", "A lower impact cannot have a higher score")]
    [InlineData("score_major = 70", "OutOfRange", "score_moderate", "A lower impact cannot have a higher score")]
    [InlineData("score_major = 101", "OutOfRange", "score_major", "from 0 to 100")]
    [InlineData("score_none = high", "NotANumber", "score_none", "from 0 to 100")]
    public void A_score_that_is_none_or_stands_higher_than_that_of_a_worse_impact_is_one_finding(string line, string rule, string key, string words)
    {
        using var folder = new ConfigurationFolder();

        var reading = folder.Read($"""
            {ConfigurationFolder.Minimum}
            [integration_defaults]
            {line}

            [integration_centripetal_networks]
            use = True
            output_dir = {folder["centripetal"]}

            [integration_carbon_black]
            use = True
            cb_feed = {folder["cb.json"]}
            """);

        var finding = Assert.Single(reading.Findings);
        Assert.Equal((rule, "integration_defaults", key), (finding.Id, finding.Section, finding.Key));
        Assert.Contains(words, finding.Message, StringComparison.Ordinal);
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        var threat = ThreatBuilder.Malware(1, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds())
            .Domain("major.example").Domain("moderate.example", "Moderate").Domain("minor.example", "Minor").Domain("rated.example");
        threat["blockSet"]!.AsArray()[3]!["confidence"] = 42;
        simulator.Publish(threat);
        return simulator;
    }

    private static string Read(Installation installation, string name) => File.ReadAllText(installation.InFolder(name));

    private static IEnumerable<string> Cells(Installation installation, string file, string column, params IEnumerable<string> values)
    {
        string[][] rows = [.. Read(installation, file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(','))];
        var at = Array.IndexOf(rows[0], column);
        return values.Select(value => Array.Find(rows, row => row[0] == value)?[at] ?? string.Create(CultureInfo.InvariantCulture, $"{value} is not there"));
    }
}
