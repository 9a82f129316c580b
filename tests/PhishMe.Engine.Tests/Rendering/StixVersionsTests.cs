using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Tests.Store;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Rendering.StixBundleChecker;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Versions, dates and markings of STIX and MISP: one id and one version are one content, nothing is computed from a date no one gave.</summary>
public sealed class StixVersionsTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void One_id_and_one_version_have_one_content_whatever_threats_say_of_their_families()
    {
        var random = new Randomness();
        var known = new Dictionary<(string, string), string>();
        var threats = Enumerable.Range(0, 12)
            .Select(number => WithFamily(number, $"Wording {number} of {random.Nasty()}"))
            .Concat(Enumerable.Range(0, 200).Select(_ => ThreatReader.Read(random.Threat())).DistinctBy(threat => threat.Id));
        foreach (var threat in threats)
        {
            foreach (var one in Objects(Bundle(threat)).Where(one => one.TryGetProperty("modified", out _)))
            {
                var key = (Id(one), Text(one, "modified"));
                Assert.True(known.TryAdd(key, one.GetRawText()) || known[key] == one.GetRawText(), $"seed {random.Seed}: {one}");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"firstPublished\":null,\"lastPublished\":null,")]
    [InlineData("\"firstPublished\":0,\"lastPublished\":0,")]
    [InlineData("\"firstPublished\":\"soon\",")]
    [InlineData("\"firstPublished\":\"\",\"lastPublished\":\"\",")]
    [InlineData("\"firstPublished\":{},\"lastPublished\":[],")]
    [InlineData("\"firstPublished\":true,\"lastPublished\":false,")]
    [InlineData("\"firstPublished\":99999999999999999999,\"lastPublished\":99999999999999999,")]
    [InlineData("\"lastPublished\":null,")]
    [InlineData("\"firstPublished\":0,")]
    [InlineData("\"firstPublished\":null,\"lastPublished\":0,")]
    [InlineData("\"firstPublished\":\"null\",\"lastPublished\":\"0\",")]
    public void Unknown_dates_are_the_time_of_receipt_and_nothing_is_computed_from_them(string dates)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(
            "{\"id\":9104,\"threatType\":\"MALWARE\"," + dates + "\"blockSet\":[{\"blockType\":\"Domain Name\",\"data_1\":\"nodate04.example\"}]}"));
        var clock = new FakeTimeProvider(_now);

        var bundle = Samples.Text(output => new StixBundleRenderer(new StixBundleOptions { Clock = clock, ValidDays = 90 }).Render(threat, output));
        var misp = Samples.Text(output => new MispEventRenderer(new MispEventOptions { Clock = clock }).Render(threat, output));
        var package = Samples.Text(output => new StixPackageRenderer(new StixPackageOptions { Clock = clock }).Render(threat, output));

        Assert.DoesNotContain("1970", bundle + misp + package, StringComparison.Ordinal);
        Assert.DoesNotContain("valid_until", bundle, StringComparison.Ordinal);
        var indicator = Objects(bundle).Single(one => Type(one) == "indicator");
        Assert.Equal(("2026-11-28T12:00:00.000Z", "2026-11-28T12:00:00.000Z"), (Text(indicator, "created"), Text(indicator, "valid_from")));
        Assert.Contains("\"date\":\"2026-11-28\"", misp, StringComparison.Ordinal);
        Assert.Contains($"\"timestamp\":\"{_now.ToUnixTimeSeconds()}\"", misp, StringComparison.Ordinal);
    }

    [Fact]
    public void Valid_until_is_there_only_when_asked_for()
    {
        var threat = Samples.MalwareA;

        Assert.DoesNotContain("valid_until", Bundle(threat), StringComparison.Ordinal);
        Assert.Contains(
            "\"valid_until\":\"2025-09-22T12:00:04.512Z\"",
            Samples.Text(output => new StixBundleRenderer(new StixBundleOptions { ValidDays = 90 }).Render(threat, output)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_new_version_no_longer_has_is_revoked_under_its_id_and_what_stays_is_not()
    {
        var before = ThreatReader.Read(Case("keep08.example", "falsepositive08.example"));
        var after = ThreatReader.Read(Case("keep08.example")) with { LastPublished = before.LastPublished!.Value.AddDays(1) };
        var change = ThreatChange.Between(before, after);

        var told = Objects(Bundle(before)).Single(one => Type(one) == "indicator" && Text(one, "name") == "falsepositive08.example");
        var objects = Objects(Bundle(change.ToRender)).ToList();

        var left = objects.Single(one => Type(one) == "indicator" && Text(one, "name") == "falsepositive08.example");
        Assert.Equal((Id(told), true), (Id(left), left.GetProperty("revoked").GetBoolean()));
        Assert.True(string.CompareOrdinal(Text(told, "modified"), Text(left, "modified")) < 0);
        Assert.Equal(2, objects.Count(one => one.TryGetProperty("revoked", out _)));
        Assert.DoesNotContain(
            Id(left), objects.Single(one => Type(one) == "report").GetProperty("object_refs").EnumerateArray().Select(item => item.GetString()));
        Assert.False(objects.Single(one => Type(one) == "indicator" && Text(one, "name") == "keep08.example").TryGetProperty("revoked", out _));
    }

    [Fact]
    public void Misp_hears_of_a_removed_attribute_as_deleted_under_its_uuid()
    {
        var before = ThreatReader.Read(Case("keep08.example", "falsepositive08.example"));
        var after = ThreatReader.Read(Case("keep08.example"));

        var told = Attributes(before).Single(one => Text(one, "value") == "falsepositive08.example");
        var attributes = Attributes(ThreatChange.Between(before, after).ToRender);

        var left = attributes.Single(one => Text(one, "value") == "falsepositive08.example");
        Assert.Equal((Text(told, "uuid"), true), (Text(left, "uuid"), left.GetProperty("deleted").GetBoolean()));
        Assert.False(attributes.Single(one => Text(one, "value") == "keep08.example").GetProperty("deleted").GetBoolean());
    }

    [Fact]
    public void A_version_that_its_dates_do_not_show_grows_with_its_receipt()
    {
        var threat = Samples.MalwareA;

        var earlier = Objects(Bundle(threat)).Single(one => Type(one) == "report");
        var later = Objects(Bundle(threat with { ReceivedAt = _now })).Single(one => Type(one) == "report");

        Assert.Equal(Text(earlier, "created"), Text(later, "created"));
        Assert.True(string.CompareOrdinal(Text(earlier, "modified"), Text(later, "modified")) < 0);
    }

    [Fact]
    public void A_removal_under_an_unmoved_date_is_later_than_what_it_takes_back()
    {
        var before = ThreatReader.Read(Case("keep08.example", "falsepositive08.example"));
        var after = ThreatReader.Read(Case("keep08.example"));
        var told = Objects(Bundle(before)).Single(one => Type(one) == "report");

        var same = Objects(Bundle(ThreatChange.Between(before, after, receivedAt: _now).ToRender)).ToList();
        var moved = Objects(Bundle(ThreatChange.Between(before, after with { LastPublished = _now.AddDays(-1) }, receivedAt: _now).ToRender)).ToList();

        Assert.All(
            same.Where(one => Type(one) is "indicator" or "report"), one => Assert.True(string.CompareOrdinal(Text(told, "modified"), Text(one, "modified")) < 0));
        Assert.Equal("2026-11-27T12:00:00.000Z", Text(moved.Single(one => Type(one) == "report"), "modified"));
    }

    [Fact]
    public void Random_changes_revoke_exactly_what_left()
    {
        var random = new Randomness();
        for (var i = 0; i < 60; i++)
        {
            var before = Names(i, 6);
            var after = before.Where((_, index) => (i >> index) % 2 == 0).Append($"new{i}.example").ToArray();
            var change = ThreatChange.Between(ThreatReader.Read(Case(before)), ThreatReader.Read(Case(after)));

            var objects = Objects(Bundle(change.ToRender)).Where(one => Type(one) == "indicator").ToList();

            Assert.Equal(
                before.Except(after).Order(),
                objects.Where(one => one.TryGetProperty("revoked", out _)).Select(one => Text(one, "name")).Order());
            Assert.Equal(after.Order(), objects.Where(one => !one.TryGetProperty("revoked", out _)).Select(one => Text(one, "name")).Order());
        }

        static string[] Names(int seed, int count) => [.. Enumerable.Range(0, count).Select(index => $"n{seed}x{index}.example")];
    }

    [Theory]
    [InlineData("amber+strict", TlpLevel.AmberStrict)]
    [InlineData("TLP:AMBER+STRICT", TlpLevel.AmberStrict)]
    [InlineData("Amber-Strict", TlpLevel.AmberStrict)]
    [InlineData("AmberStrict", TlpLevel.AmberStrict)]
    [InlineData("amber_strict", TlpLevel.AmberStrict)]
    [InlineData("TLP: Amber Strict", TlpLevel.AmberStrict)]
    [InlineData("TLP:AMBER", TlpLevel.Amber)]
    [InlineData("amber", TlpLevel.Amber)]
    [InlineData("white", TlpLevel.Clear)]
    [InlineData("TLP:WHITE", TlpLevel.Clear)]
    [InlineData("tlp:clear", TlpLevel.Clear)]
    [InlineData("Green", TlpLevel.Green)]
    [InlineData(" red ", TlpLevel.Red)]
    [InlineData("none", TlpLevel.None)]
    public void The_traffic_light_is_read_as_people_write_it(string text, TlpLevel level)
    {
        Assert.True(TlpLevels.TryParse(text, out var read));
        Assert.Equal(level, read);
        Assert.True(TlpLevels.TryParse(TlpLevels.WordOf(level), out read));
        Assert.Equal(level, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("TLP:")]
    [InlineData("yellow")]
    [InlineData("amber+red")]
    public void What_is_no_traffic_light_is_refused(string? text) => Assert.False(TlpLevels.TryParse(text, out _));

    [Fact]
    public void Amber_strict_has_the_definition_that_oasis_publishes_for_tlp_2()
    {
        var bundle = Samples.Text(output => new StixBundleRenderer(new StixBundleOptions { Marking = TlpLevel.AmberStrict }).Render(Samples.MalwareA, output));
        var misp = Samples.Text(output => new MispEventRenderer(new MispEventOptions { Marking = TlpLevel.AmberStrict }).Render(Samples.MalwareA, output));

        var marking = Objects(bundle).Single(one => Type(one) == "marking-definition");
        Assert.Equal(("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT"), (Id(marking), Text(marking, "name")));
        Assert.Equal(
            "amber+strict",
            marking.GetProperty("extensions").GetProperty("extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d").GetProperty("tlp_2_0").GetString());
        Assert.Contains("\"tlp:amber+strict\"", misp, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("File Hash", "0123456789abcdef0123456789abc126", IndicatorKind.Md5)]
    [InlineData("file hash", "0123456789ABCDEF0123456789ABC126", IndicatorKind.Md5)]
    [InlineData("SHA256", "5a6c18ce27140f38e8b468d4d7a1a9473080a63107af83b7b1c065fede01aef6", IndicatorKind.Sha256)]
    [InlineData("Hash", "cb4ad76a0c51b9906e645f94fed769e8e45be4dc", IndicatorKind.Sha1)]
    [InlineData("FQDN", "fq26.example", IndicatorKind.Domain)]
    [InlineData("Host Name", "fq26.example", IndicatorKind.Domain)]
    [InlineData("IP", "203.0.113.7", IndicatorKind.IPv4)]
    [InlineData("IPv6", "2001:db8::7", IndicatorKind.IPv6)]
    [InlineData("URI", "http://fq26.example/a", IndicatorKind.Url)]
    [InlineData("E-Mail Address", "drop@fq26.example", IndicatorKind.Email)]
    [InlineData("ssdeep", "96:abcDEF:abc", IndicatorKind.Ssdeep)]
    public void An_unusual_block_type_goes_out_as_what_it_is(string type, string value, IndicatorKind kind)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(ThreatBuilder.Malware(26).Block(type, value).ToJsonString()));

        Assert.Equal((kind, (string?)null), (threat.Indicators[0].Kind, threat.Indicators[0].UnknownType));
        Assert.Contains("\"pattern\":", Bundle(threat), StringComparison.Ordinal);
        var package = Samples.Text(output => new StixPackageRenderer().Render(threat, output));
        Assert.Contains("<stix:Indicator ", package, StringComparison.Ordinal);
        if (kind is not (IndicatorKind.IPv6 or IndicatorKind.Email))
        {
            Assert.Contains(value, Samples.Text(output => new CefRenderer().Render(threat, output)), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("Mutex", "0123456789abcdef0123456789abc126")]
    [InlineData("Registry Key", "HKLM\\Software\\Run")]
    [InlineData("File Hash", "not a hash")]
    [InlineData("Weather", "rain.example")]
    [InlineData("", "a.example")]
    public void A_block_type_no_one_knows_is_counted_by_its_word(string type, string value)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(ThreatBuilder.Malware(26).Block(type, value).Block("Domain Name", "known.example").ToJsonString()));
        var unknown = new UnknownBlockTypes();

        unknown.Note(threat);
        unknown.Note(threat);

        Assert.Equal((IndicatorKind.Unknown, type), (threat.Indicators[0].Kind, threat.Indicators[0].UnknownType));
        Assert.Contains(type.Length == 0 ? "without a type 2" : $"{type} 2", unknown.Warning, StringComparison.Ordinal);
        Assert.Null(new UnknownBlockTypes().Warning);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Bundle(Threat threat) => Samples.Text(output => new StixBundleRenderer().Render(threat, output));

    private static JsonElement[] Attributes(Threat threat) =>
    [
        .. JsonDocument.Parse(Samples.Text(output => new MispEventRenderer().Render(threat, output)))
            .RootElement.GetProperty("Event").GetProperty("Attribute").EnumerateArray(),
    ];

    private static byte[] Case(params string[] domains)
    {
        var threat = ThreatBuilder.Malware(9108);
        foreach (var domain in domains)
        {
            threat.Block("Domain Name", domain, family: "Demo RAT");
        }

        return Encoding.UTF8.GetBytes(threat.ToJsonString());
    }

    private static Threat WithFamily(int number, string description)
    {
        var json = ThreatBuilder.Malware(number).Block("Domain Name", $"evil{number}.example", family: "Demo RAT");
        json["malwareFamilySet"] = new System.Text.Json.Nodes.JsonArray(
            new System.Text.Json.Nodes.JsonObject { ["familyName"] = "Demo RAT", ["description"] = description });
        return ThreatReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
