using System.Text;
using System.Text.Json;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Rendering.StixBundleChecker;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class StixBundleTests
{
    private static readonly StixBundleOptions _everything = new()
    {
        Filter = IndicatorFilter.Everything,
        Marking = TlpLevel.Amber,
        Hashes = new HashSet<IndicatorKind>(Enum.GetValues<IndicatorKind>()),
    };

    [Theory]
    [InlineData("malware_a")]
    [InlineData("malware_b")]
    [InlineData("phish_a")]
    [InlineData("phish_b")]
    public void A_bundle_is_valid_as_a_whole(string name)
    {
        var checker = Load();
        using var bundle = JsonDocument.Parse(Render(ThreatReader.Read(Samples.Bytes(name + ".json")), _everything));

        Assert.Empty(checker.Errors("bundle", bundle.RootElement));
    }

    [Fact]
    public void A_bundle_that_is_not_valid_is_found()
    {
        var checker = Load();
        var bundle = Render(Samples.MalwareA, _everything).Replace("\"pattern_type\":\"stix\"", "\"pattern_type\":7", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(bundle);

        Assert.NotEmpty(checker.Errors("bundle", document.RootElement));
        Assert.Contains("/pattern_type: ", checker.Errors("indicator", Objects(bundle).First(one => Type(one) == "indicator"))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_bundles_of_all_samples_are_valid()
    {
        var checker = Load();
        foreach ((var name, var threat) in Samples.All())
        {
            checker.AssertValid(Render(threat), name);
            checker.AssertValid(Render(threat with { Withdrawn = true }, _everything), name);
        }
    }

    [Fact]
    public void The_bundles_of_random_threats_are_valid()
    {
        var checker = Load();
        var random = new Randomness();
        for (var i = 0; i < 300; i++)
        {
            var json = random.Threat();
            var threat = ThreatReader.Read(json, withdrawn: random.OneIn(3));
            var bundle = Render(threat, random.OneIn(2) ? _everything : null);
            checker.AssertValid(bundle, $"seed {random.Seed}, round {i}: {Encoding.UTF8.GetString(json)}\n{bundle}");
        }
    }

    [Fact]
    public async Task The_bundles_of_generated_threats_are_valid()
    {
        var checker = Load();
        await foreach ((var name, var json) in Samples.GeneratedAsync(new Randomness().Seed))
        {
            checker.AssertValid(Render(ThreatReader.Read(json)), name);
        }
    }

    [Theory]
    [InlineData(TlpLevel.Clear)]
    [InlineData(TlpLevel.Green)]
    [InlineData(TlpLevel.Amber)]
    [InlineData(TlpLevel.Red)]
    public void Every_marking_is_valid_and_on_every_object(TlpLevel marking)
    {
        var bundle = Render(Samples.MalwareA, new StixBundleOptions { Marking = marking });
        Load().AssertValid(bundle, marking.ToString());
        Assert.All(Objects(bundle).Where(one => Type(one) != "marking-definition"), one =>
            Assert.StartsWith("marking-definition--", one.GetProperty("object_marking_refs")[0].GetString(), StringComparison.Ordinal));
        AssertIsOneOfTheFixedMarkings(One(Objects(bundle), "marking-definition"));
    }

    // The schema lists the four markings with all their values; each must match one of the lists.
    private static void AssertIsOneOfTheFixedMarkings(JsonElement marking)
    {
        var file = Path.Combine(SharedMaterial.Folder("schemas", "stix2.1"), "common", "marking-definition.json");
        using var schema = JsonDocument.Parse(File.ReadAllBytes(file));
        var tlp = schema.RootElement.GetProperty("oneOf")[1];
        Assert.Equal(tlp.GetProperty("properties").GetProperty("created").GetProperty("enum")[0].GetString(), marking.GetProperty("created").GetString());
        JsonElement[] known =
        [
            .. schema.RootElement.GetProperty("definitions").EnumerateObject().Where(one => one.Name.StartsWith("tlp_", StringComparison.Ordinal))
                .Select(one => one.Value.GetProperty("properties")),
        ];
        Assert.Single(known, one =>
            Only(one.GetProperty("id")) == Id(marking)
            && Only(one.GetProperty("name")) == marking.GetProperty("name").GetString()
            && Only(one.GetProperty("definition").GetProperty("properties").GetProperty("tlp")) == marking.GetProperty("definition").GetProperty("tlp").GetString());

        static string? Only(JsonElement property) => property.GetProperty("enum")[0].GetString();
    }

    [Fact]
    public void A_malware_threat_becomes_identity_family_indicators_relationships_and_report()
    {
        var objects = Objects(Render(Samples.MalwareA));

        Assert.Equal("PhishMe Intelligence", One(objects, "identity").GetProperty("name").GetString());
        Assert.Equal("Sample Keylogger", One(objects, "malware").GetProperty("name").GetString());
        Assert.True(One(objects, "malware").GetProperty("is_family").GetBoolean());
        JsonElement[] indicators = [.. objects.Where(one => Type(one) == "indicator")];
        Assert.Equal(
            [
                "[url:value = 'https://files.malware.example/get.php?id=7&t=a']",
                "[domain-name:value = 'files.malware.example']",
                "[ipv4-addr:value = '203.0.113.45']",
                "[email-addr:value = 'drop@mail.example']",
                "[domain-name:value = 'whatismyip.example']",
                "[file:hashes.MD5 = '6f66b67a97dc3f2661dab3eacd13f9b9']",
                "[file:hashes.'SHA-256' = '5a6c18ce27140f38e8b468d4d7a1a9473080a63107af83b7b1c065fede01aef6']",
                "[file:hashes.MD5 = '4e04c7cd279535ad5d56eeafc49d2633']",
                "[file:hashes.'SHA-256' = '22c154421ab708788819cc1070c8942dadbbb5f9f6ed3b4914519d4c901d0b2b']",
            ],
            indicators.Select(one => one.GetProperty("pattern").GetString()));
        Assert.Equal([100, 100, 85, 100, 0, 100, 100, 100, 100], indicators.Select(one => one.GetProperty("confidence").GetInt32()));
        Assert.Equal("anomalous-activity", indicators[4].GetProperty("indicator_types")[0].GetString());
        Assert.Equal("2025-06-24T12:00:01.337Z", indicators[0].GetProperty("valid_from").GetString());
        Assert.All(indicators, one => Assert.False(one.TryGetProperty("valid_until", out _)));
        Assert.Equal(["Major", "Payload", "malware"], indicators[0].GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal(9, objects.Count(one => Type(one) == "relationship"));
        var report = One(objects, "report");
        Assert.Equal("Invoice - OfficeMacro, Sample Keylogger", report.GetProperty("name").GetString());
        Assert.Equal(1 + 9 + 9, report.GetProperty("object_refs").GetArrayLength());
        Assert.All(objects, one => Assert.False(one.TryGetProperty("revoked", out _)));
    }

    [Fact]
    public void Ids_are_the_same_every_time_and_in_every_version()
    {
        string[] first = [.. Objects(Render(Samples.PhishA)).Select(Id)];
        string[] later = [.. Objects(Render(Samples.PhishA with { LastPublished = DateTimeOffset.UnixEpoch.AddYears(70) })).Select(Id)];

        Assert.Equal(first, later);
        Assert.Equal(Render(Samples.PhishA), Render(Samples.PhishA));
        Assert.Empty(first.Intersect(Objects(Render(Samples.MalwareA)).Select(Id).Where(id => !id.StartsWith("identity", StringComparison.Ordinal))));
    }

    [Fact]
    public void Ids_follow_the_rfc()
    {
        // RFC 9562, appendix A.4.
        Assert.Equal(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"), NameBasedUuid.Create(new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com"));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", NameBasedUuid.Create("x").ToString());
    }

    [Fact]
    public void A_withdrawn_threat_comes_out_revoked_in_a_newer_version()
    {
        var before = Objects(Render(Samples.MalwareA));
        var after = Objects(Render(Samples.MalwareA with { Withdrawn = true }));

        Assert.Equal(before.Select(Id), after.Select(Id));
        for (var i = 0; i < before.Count; i++)
        {
            if (Type(after[i]) is "indicator" or "relationship" or "report")
            {
                Assert.True(after[i].GetProperty("revoked").GetBoolean());
                Assert.True(string.CompareOrdinal(after[i].GetProperty("modified").GetString(), before[i].GetProperty("modified").GetString()) > 0);
            }
        }
    }

    [Fact]
    public void Several_threats_share_what_is_the_same()
    {
        var bundle = Samples.Text(output => new StixBundleRenderer().Render([Samples.MalwareA, Samples.MalwareB, Samples.PhishA, Samples.MalwareA], output));
        var objects = Objects(bundle);

        Assert.Equal(objects.Count, objects.Select(Id).Distinct().Count());
        Assert.Single(objects, one => Type(one) == "identity");
        Assert.Equal(3, objects.Count(one => Type(one) == "report"));
    }

    [Fact]
    public void Whatever_a_pattern_is_made_of_the_grammar_reads_it_back()
    {
        var random = new Randomness();
        for (var i = 0; i < 5000; i++)
        {
            var kind = (IndicatorKind)(1 + random.Next((int)IndicatorKind.Subject));
            var value = random.Nasty();
            if (StixPattern.Of(kind, value) is not string pattern)
            {
                Assert.Equal(IndicatorKind.Ssdeep, kind); // The one kind with a grammar of its own.
                continue;
            }

            (var _, var comparison, var read) = StixPatternChecker.Parse(pattern);

            var expected = comparison == "LIKE" ? "%" + value[1..] : value;
            Assert.True(expected == read, $"seed {random.Seed}, round {i}: {pattern}");
        }
    }

    [Theory]
    [InlineData(IndicatorKind.Url, @"http://a.example/?q='\", @"[url:value = 'http://a.example/?q=\'\\']")]
    [InlineData(IndicatorKind.Domain, "*.a.example", "[domain-name:value LIKE '%.a.example']")]
    [InlineData(IndicatorKind.IPv6, "2001:db8::1", "[ipv6-addr:value = '2001:db8::1']")]
    [InlineData(IndicatorKind.Sha1, "x", "[file:hashes.'SHA-1' = 'x']")]
    [InlineData(IndicatorKind.Unknown, "x", null)]
    public void A_pattern_is_exactly_one_comparison(IndicatorKind kind, string value, string? pattern) => Assert.Equal(pattern, StixPattern.Of(kind, value));

    private static string Render(Threat threat, StixBundleOptions? options = null) =>
        Samples.Text(output => new StixBundleRenderer(options).Render(threat, output));

    private static JsonElement One(List<JsonElement> objects, string type) => Assert.Single(objects, one => Type(one) == type);
}
