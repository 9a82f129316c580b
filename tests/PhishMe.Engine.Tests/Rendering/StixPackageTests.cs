using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed partial class StixPackageTests
{
    private static readonly Lazy<XmlSchemaSet> _schemas = new(Load);

    private static readonly StixPackageOptions _documented = new()
    {
        PrefixNamespace = "http://vendor.example/stix",
        InformationSource = "Simulated Intelligence Feed",
    };

    [Fact]
    public void The_schemas_are_all_loaded()
    {
        SharedMaterial.Folder("schemas", "stix1.1.1");

        Assert.Equal(18, _schemas.Value.Count);
    }

    [Theory]
    [InlineData("malware_a")]
    [InlineData("phish_a")]
    public void Everything_in_the_documented_package_comes_out_in_the_same_place_and_order(string name)
    {
        // The documented packages show part of the indicators: theirs must be a part of ours, line by line.
        var threat = ThreatReader.Read(Samples.Bytes(name + ".json"));
        var ours = Render(threat, _documented with { ProducedAt = Produced(name) });
        List<string> theirs = [.. Comparable(Encoding.UTF8.GetString(Samples.Bytes(name + ".stix.xml")))];
        List<string> mine = [.. Comparable(ours)];

        Assert.Equal(theirs[0], mine[0]);
        string[] missing = [.. theirs.Where(line => !mine.Contains(line))];
        Assert.Empty(missing);
        Assert.Equal(theirs.Where(IsFrame), mine.Where(IsFrame));

        static bool IsFrame(string line) => line.StartsWith("<stix:", StringComparison.Ordinal) && !line.StartsWith("<stix:Indicator ", StringComparison.Ordinal)
            && !line.StartsWith("<stix:TTP ", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("malware_a", "Malware", 900101)]
    [InlineData("phish_a", "Phish", 8800001)]
    public void The_strings_the_original_searches_for_are_there(string name, string product, long id)
    {
        var package = Render(ThreatReader.Read(Samples.Bytes(name + ".json")));

        Assert.Contains($"<stix:Title>Cofense {product} ThreatID {id}</stix:Title>", package, StringComparison.Ordinal);
        Assert.Contains($"<campaign:Title>{id}</campaign:Title>", package, StringComparison.Ordinal);
        Assert.Matches(@"<stix:Campaign id=""Cofense:Campaign-[0-9a-f-]{36}"" timestamp=""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"" ", package);
        Assert.Contains("<indicator:Start_Time precision=\"second\">2025-06-24T", package, StringComparison.Ordinal);
    }

    [Fact]
    public void The_packages_of_all_samples_are_valid_and_their_links_resolve()
    {
        SharedMaterial.Folder("schemas", "stix1.1.1");
        foreach ((var name, var threat) in Samples.All())
        {
            AssertValid(Render(threat), name);
        }
    }

    [Fact]
    public void The_packages_of_random_threats_are_valid_and_read_back()
    {
        SharedMaterial.Folder("schemas", "stix1.1.1");
        var random = new Randomness();
        for (var i = 0; i < 400; i++)
        {
            var json = random.Threat();
            var threat = ThreatReader.Read(json);
            var package = Render(threat);
            AssertValid(package, $"seed {random.Seed}, round {i}: {Encoding.UTF8.GetString(json)}\n{package}");

            var info = StixPackageReader.Read(Encoding.UTF8.GetBytes(package));
            Assert.Equal(threat.Id, info.Id);
            if ((threat.FirstPublished ?? threat.LastPublished) is DateTimeOffset published)
            {
                Assert.Equal(published, info.CampaignTimestamp);
            }
            else
            {
                Assert.True(info.CampaignTimestamp > DateTimeOffset.UnixEpoch.AddYears(50));
            }
        }
    }

    [Fact]
    public async Task The_packages_of_generated_threats_are_valid_and_their_links_resolve()
    {
        SharedMaterial.Folder("schemas", "stix1.1.1");
        await foreach ((var name, var json) in Samples.GeneratedAsync(new Randomness().Seed))
        {
            AssertValid(Render(ThreatReader.Read(json)), name);
        }
    }

    [Fact]
    public void The_same_threat_gives_the_same_bytes() => Assert.Equal(Render(Samples.PhishA), Render(Samples.PhishA));

    [Fact]
    public void A_value_listed_twice_is_one_observable_with_both_roles()
    {
        var package = Render(Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "blockSet": [
              {"blockType": "Domain Name", "data": "a.example", "role": "C2", "impact": "Minor", "malwareFamily": {"familyName": "X"}},
              {"blockType": "Domain Name", "data": "a.example", "role": "Payload", "impact": "Major", "malwareFamily": {"familyName": "Y"}}]}
            """));

        Assert.Equal(2, Regex.Count(package, "a\\.example|<stix:Indicator "));
        Assert.Equal(1, Regex.Count(package, "<indicator:Likely_Impact>"));
        Assert.Contains(">Major<", package, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(package, "<indicator:Indicated_TTP>"));
        Assert.Equal(2, Regex.Count(package, "<cybox:Observable idref="));
    }

    private static string Render(Threat threat, StixPackageOptions? options = null) =>
        Samples.Text(output => new StixPackageRenderer(options).Render(threat, output));

    private static DateTimeOffset Produced(string name) =>
        StixPackageReader.Read(Samples.Bytes(name + ".stix.xml")).PackageTimestamp!.Value;

    // Ids replaced, one element with its attributes and text per line.
    private static string[] Comparable(string package)
    {
        var anonymous = UuidPattern().Replace(package, "-UUID\"");
        return TagBreak().Replace(anonymous.Replace("\n", "", StringComparison.Ordinal), "><").Replace("><", ">\n<", StringComparison.Ordinal).Split('\n');
    }

    [GeneratedRegex("-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"")]
    private static partial Regex UuidPattern();

    [GeneratedRegex("> +<")]
    private static partial Regex TagBreak();

    private static void AssertValid(string package, string name)
    {
        List<string> findings = [];
        var settings = new XmlReaderSettings
        {
            ValidationType = ValidationType.Schema,
            Schemas = _schemas.Value,
            XmlResolver = null,
            DtdProcessing = DtdProcessing.Prohibit,
        };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, finding) => findings.Add(finding.Message);
        using (var reader = XmlReader.Create(new StringReader(package), settings))
        {
            while (reader.Read())
            {
            }
        }

        Assert.True(findings.Count == 0, $"{string.Join("; ", findings)}: {name}");

        var document = XDocument.Parse(package);
        HashSet<string> ids = [.. document.Descendants().Attributes("id").Select(id => id.Value)];
        string[] dangling = [.. document.Descendants().Attributes("idref").Select(id => id.Value).Where(id => !ids.Contains(id))];
        Assert.True(dangling.Length == 0, $"dangling {string.Join(' ', dangling)}: {name}");
    }

    private static XmlSchemaSet Load()
    {
        // Without a resolver .NET follows no import and reports nothing (README.md of the schema folder).
        var set = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        set.Add(null, Path.Combine(SharedMaterial.Folder("schemas", "stix1.1.1"), "entry.xsd"));
        set.Compile();
        return set;
    }
}
