using System.Text;
using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class ThreatReaderTests
{
    [Fact]
    public void A_full_malware_threat_is_read_completely()
    {
        var threat = Samples.MalwareA;

        Assert.Equal(new ThreatId(ThreatType.Malware, 900101), threat.Id);
        Assert.Equal("Invoice - OfficeMacro, Sample Keylogger", threat.Label);
        Assert.Equal(1750766401337, threat.FirstPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(1750766404512, threat.LastPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(Impact.Major, threat.Impact);
        Assert.Equal(["Sample Keylogger"], threat.Families);
        Assert.Equal(["OfficeMacro"], threat.DeliveryMechanisms);
        Assert.Equal("Invented family that records keystrokes", threat.Descriptions["Sample Keylogger"]);
        Assert.Equal(["Example Logistics"], threat.Brands);
        Assert.Equal(["en"], threat.Languages);
        Assert.Equal(["Cofense"], threat.Feeds);
        Assert.True(threat.HasReport);
        Assert.Equal("https://www.threathq.com/p42/search/default?m=900101", threat.ThreatDetailUri);
        Assert.Equal(["Overdue invoice = reminder | 4471", "Facture n° 4471 – échéance"], threat.Subjects);
        Assert.Equal(["billing@sender.example"], threat.SenderAddresses);
        Assert.Equal(["198.51.100.23"], threat.SenderIps);
        Assert.Equal(["Accounts Team"], threat.SenderNames);
        Assert.Equal(["sender.example"], threat.SenderDomains);
        Assert.Equal("http://click.sender.example/u/1", Assert.Single(threat.SpamUrls).Url);
        Assert.Equal(["mutex-900101"], threat.ExtractedStrings);
        Assert.Equal(2, threat.Files.Count);
        Assert.Equal("Invoice 4471.docm", threat.Files[0].FileName);
        Assert.Equal(["VendorA"], threat.Files[0].DetectedBy);
        Assert.Equal("Persistence module or file", threat.Files[1].Subtype);
        Assert.Equal(5 + (2 * 7) + 1 + 1 + 1 + 2 + 1, threat.Indicators.Count);
        Assert.False(threat.Withdrawn);
        Assert.True(threat.Json.Span.SequenceEqual(Samples.Bytes("malware_a.json")));
    }

    [Fact]
    public void An_indicator_says_by_itself_what_it_is()
    {
        var address = Samples.MalwareA.Indicators[2];

        Assert.Equal(IndicatorKind.IPv4, address.Kind);
        Assert.Equal("203.0.113.45", address.Value);
        Assert.Equal("203.0.113.45", address.NormalizedValue);
        Assert.Equal(Impact.Major, address.Impact);
        Assert.Equal(85, address.Confidence);
        Assert.Equal("C2", address.Role);
        Assert.Equal("Sample Keylogger", address.Family);
        Assert.Null(address.DeliveryMechanism);
        Assert.False(address.Corollary);
        Assert.Equal(IndicatorSource.WatchList, address.Source);
        Assert.Equal(64500, address.IpDetail!.Asn);
        Assert.Equal("GB", address.IpDetail.CountryIsoCode);
        Assert.Equal(51.5, address.IpDetail.Latitude);
        Assert.Equal("Example Logistics", address.Brands);
    }

    [Fact]
    public void A_confidence_of_zero_means_not_rated() => Assert.Null(Samples.MalwareA.Indicators[3].Confidence);

    [Fact]
    public void Sender_data_and_subjects_are_corollary_and_the_watch_list_is_not() =>
        Assert.All(Samples.MalwareA.Indicators, indicator => Assert.Equal(
            indicator.Source is not (IndicatorSource.WatchList or IndicatorSource.File), indicator.Corollary));

    [Fact]
    public void The_brand_None_is_no_brand() => Assert.Empty(Samples.MalwareB.Brands);

    [Fact]
    public void A_full_phish_is_read_completely()
    {
        var threat = Samples.PhishA;

        Assert.Equal(new ThreatId(ThreatType.Phish, 8800001), threat.Id);
        Assert.Equal("Example Bank – Sign in", threat.Label);
        Assert.Equal("Example Bank – Sign in", threat.Title);
        Assert.Equal(1750773780120, threat.FirstPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(1750789361007, threat.LastPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(1750773909800, threat.Confirmed!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(Impact.Major, threat.Impact);
        Assert.Equal(["Example Bank"], threat.Brands);
        Assert.Equal("login.phish.example", threat.PhishingUrl!.Host);
        Assert.Equal("phish.example", threat.PhishingUrl.Domain);
        Assert.Equal("http://short.example/x1", Assert.Single(threat.ReportedUrls).Url);
        Assert.Equal("https://login.phish.example/bank/post.php", Assert.Single(threat.ActionUrls).Url);
        Assert.Equal("https://www.threathq.com/apiv1/screenshot/8800001", threat.ScreenshotUri);
        Assert.Equal(64501, threat.IpDetail!.Asn);
        var kit = Assert.Single(threat.Kits);
        Assert.Equal(20480, kit.Size);
        Assert.Equal(2, kit.Files.Count);
        Assert.Equal("collector@mail.example", Assert.Single(kit.Files[0].Emails).Address);
        Assert.Equal(".png", Assert.Single(threat.WebComponents).FileExtension);
    }

    [Fact]
    public void The_registered_domain_of_a_phish_is_corollary_because_it_may_be_a_shared_host()
    {
        Indicator[] domains = [.. Samples.PhishA.Indicators.Where(indicator => indicator.Kind == IndicatorKind.Domain)];

        Assert.Equal(["login.phish.example", "phish.example"], domains.Select(domain => domain.Value));
        Assert.Equal([false, true], domains.Select(domain => domain.Corollary));
    }

    [Fact]
    public void A_phish_on_an_address_has_no_domain_and_its_address_once()
    {
        var threat = Samples.PhishB;

        Assert.DoesNotContain(threat.Indicators, indicator => indicator.Kind == IndicatorKind.Domain);
        Assert.Equal("192.0.2.10", Assert.Single(threat.Indicators, indicator => indicator.Kind == IndicatorKind.IPv4).Value);
        Assert.Equal("Generic Threat", threat.Label);
    }

    [Fact]
    public void Plain_lists_are_read_when_there_are_no_twins()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "PHISH", "phishingURL": "http://A.example/x", "reportedURLs": ["http://b.example/"], "reportedURLs_1": [],
             "actionURLs": ["http://c.example/", null, 7], "screenshot": {"url": "https://s.example/1"}}
            """);

        Assert.Equal("a.example", threat.PhishingUrl!.Host);
        Assert.Equal("http://b.example/", Assert.Single(threat.ReportedUrls).Url);
        Assert.Equal("http://c.example/", threat.ActionUrls[0].Url);
        Assert.Equal("https://s.example/1", threat.ScreenshotUri);
    }

    [Theory]
    [InlineData("""{"blockType":"URL","data_1":{"url":"http://a.example/1"},"data":"http://b.example/"}""", "http://a.example/1")]
    [InlineData("""{"blockType":"URL","data_1":{"domain":"a.example"},"data":"http://b.example/"}""", "http://b.example/")]
    [InlineData("""{"blockType":"URL","data_1":{"host":"a.example","path":"/p","query":"q=1"}}""", "http://a.example/p?q=1")]
    [InlineData("""{"blockType":"URL","data_1":null,"data":"http://b.example/"}""", "http://b.example/")]
    [InlineData("""{"blockType":"URL","data_1":"http://a.example/"}""", "http://a.example/")]
    [InlineData("""{"blockType":"Domain Name","data_1":{"domain":"a.example"},"data":"b.example"}""", "b.example")]
    [InlineData("""{"blockType":"Domain Name","data_1":{"domain":"a.example"}}""", "a.example")]
    [InlineData("""{"blockType":"Domain Name","data_1":"a.example","data":"b.example"}""", "a.example")]
    public void The_twin_of_a_watch_list_value_is_preferred_and_the_plain_one_is_the_fallback(string block, string value)
    {
        var threat = Samples.Read($$"""{"id": 1, "threatType": "MALWARE", "blockSet": [{{block}}]}""");

        Assert.Equal(value, Assert.Single(threat.Indicators).Value);
    }

    [Fact]
    public void Numbers_and_times_may_be_strings()
    {
        var threat = Samples.Read("""
            {"id": "77", "threatType": "malware", "firstPublished": "1750766401337", "lastPublished": 1.750766401338E12, "hasReport": "true",
             "blockSet": [{"blockType": "IPv4 Address", "data": "192.0.2.1", "confidence": "85", "impact": "medium", "ipDetail": {"asn": "64500", "latitude": "1.5"}}]}
            """);

        Assert.Equal(77, threat.Id.Number);
        Assert.Equal(1750766401337, threat.FirstPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(1750766401338, threat.LastPublished!.Value.ToUnixTimeMilliseconds());
        Assert.True(threat.HasReport);
        var indicator = Assert.Single(threat.Indicators);
        Assert.Equal(85, indicator.Confidence);
        Assert.Equal(Impact.Moderate, indicator.Impact);
        Assert.Equal(64500, indicator.IpDetail!.Asn);
        Assert.Equal(1.5, indicator.IpDetail.Latitude);
    }

    [Fact]
    public void Missing_null_and_oddly_typed_members_are_empty()
    {
        foreach (var odd in (string[])["null", "7", "\"x\"", "true", "{}", "[]", "[null]", "[[]]", "[{}]", "[1]", "{\"url\":{}}"])
        {
            foreach (var type in (string[])["MALWARE", "PHISH"])
            {
                string[] members =
                [
                    "blockSet", "executableSet", "domainSet", "senderIpSet", "senderEmailSet", "senderNameSet", "subjectSet", "spamUrlSet", "feeds",
                    "malwareFamilySet", "deliveryMechanisms", "campaignBrandSet", "campaignLanguageSet", "extractedStringSet", "firstPublished",
                    "lastPublished", "label", "executiveSummary", "hasReport", "brands", "firstDate", "kits", "reportedURLs_1", "reportedURLs",
                    "actionURLs_1", "webComponents", "phishingURL_1", "phishingURL", "title", "language", "ipDetail", "screenshot", "deleted",
                ];
                var json = $$"""{"id": 1, "threatType": "{{type}}", {{string.Join(',', members.Select(member => $"\"{member}\": {odd}"))}}}""";

                var threat = Samples.Read(json);

                Assert.Equal(1, threat.Id.Number);
                Assert.NotNull(threat.Indicators);
            }
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character()
    {
        var threat = Samples.Read("""{"id": 1, "threatType": "MALWARE", "label": "a\ud83d b\n", "subjectSet": [{"subject": "\ude00x"}], "\ud800": 1}""");

        Assert.Equal("a\uFFFD b\n", threat.Label);
        Assert.Equal("\uFFFDx", Assert.Single(threat.Subjects));
    }

    [Fact]
    public void A_program_that_malware_merely_brought_along_is_not_rated_major()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "executableSet": [{"fileName": "tool.exe", "md5Hex": "6f66b67a97dc3f2661dab3eacd13f9b9", "severityLevel": "Major",
             "executableSubtype": {"description": "Otherwise benign software application repurposed for use by malware"}}]}
            """);

        Assert.Equal(Impact.None, Assert.Single(threat.Indicators).Impact);
        Assert.Equal(Impact.Major, Assert.Single(threat.Files).Impact);
    }

    [Fact]
    public void A_value_that_is_no_well_formed_instance_of_its_kind_is_kept_without_normal_form()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "executableSet": [{"md5Hex": "randommd5"}], "blockSet": [{"blockType": "Something", "data": "x"}]}
            """);

        Assert.Equal([IndicatorKind.Unknown, IndicatorKind.Md5], threat.Indicators.Select(indicator => indicator.Kind));
        Assert.All(threat.Indicators, indicator => Assert.Null(indicator.NormalizedValue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id": null, "threatType": "MALWARE"}""")]
    [InlineData("""{"id": -1, "threatType": "MALWARE"}""")]
    [InlineData("""{"id": "x", "threatType": "MALWARE"}""")]
    [InlineData("""{"id": 1, "threatType": "SPAM"}""")]
    [InlineData("""{"id": 1}""")]
    [InlineData("""{"id": 1, "threatType": "MALWARE"} {}""")]
    public void What_is_no_threat_is_refused_with_a_fault(string json)
    {
        var error = Assert.Throws<PhishMeException>(() => Samples.Read(json));

        Assert.Same(Faults.ApiAnswerInvalid, error.Fault.Kind);
    }

    [Theory]
    [InlineData("""{"id": 5, "blockSet": []}""", ThreatType.Malware)]
    [InlineData("""{"id": 5, "reportedURLs_1": []}""", ThreatType.Phish)]
    [InlineData("""{"id": "p_5", "threatType": "nonsense"}""", ThreatType.Phish)]
    public void A_damaged_record_is_recognised_by_what_only_one_product_has(string json, ThreatType type) =>
        Assert.Equal(new ThreatId(type, 5), Samples.Read(json).Id);

    [Fact]
    public void Every_fixture_is_read()
    {
        var count = 0;
        foreach ((var name, var json) in SharedMaterial.Threats())
        {
            var threat = ThreatReader.Read(json);
            using var document = JsonDocument.Parse(json);
            Assert.Equal(name, threat.Id.ToString());
            Assert.Equal(document.RootElement.GetProperty("label").GetString(), threat.Label);
            Assert.Equal(
                document.RootElement.GetProperty("blockSet").GetArrayLength(),
                threat.Indicators.Count(indicator => indicator.Source == IndicatorSource.WatchList));
            Assert.Equal(document.RootElement.GetProperty("executableSet").GetArrayLength(), threat.Files.Count);
            count++;
        }

        Assert.Equal(13, count);
    }

    [Fact]
    public void Every_threat_inside_an_envelope_is_read()
    {
        var count = 0;
        foreach ((var _, var json) in SharedMaterial.Envelopes())
        {
            foreach (var threat in Samples.ThreatsOf(json))
            {
                Assert.Equal(ThreatType.Malware, ThreatReader.Read(threat).Type);
                count++;
            }
        }

        Assert.True(count >= 15, $"{count} threats");
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_object()
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes("\uFEFF{\"id\": 1, \"threatType\": \"PHISH\"}"));

        Assert.Equal((byte)'{', threat.Json.Span[0]);
    }
}
