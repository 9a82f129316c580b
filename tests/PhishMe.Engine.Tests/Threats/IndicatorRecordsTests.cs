using System.Text;
using PhishMe.Engine.Tests.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Threats;

/// <summary>The canonical records every product is made from.</summary>
public sealed class IndicatorRecordsTests
{
    [Fact]
    public void Malware_gives_a_record_per_kind_and_value_with_what_products_need()
    {
        var records = IndicatorRecords.Of(Samples.MalwareA);

        Assert.Equal(records.Count, records.Select(record => record.Key).Distinct().Count());
        var address = Assert.Single(records, record => record.Kind == IndicatorKind.IPv4 && !record.Corollary);
        Assert.Equal(("203.0.113.45", Impact.Major, 85, "C2", "Sample Keylogger"), (address.Value, address.Impact, address.Confidence, address.Role, address.Family));
        Assert.Equal("GB", address.IpDetail!.CountryIsoCode);
        Assert.Equal(["Example Logistics"], address.Brands);
        var drop = Assert.Single(records, record => record.Value == "drop@mail.example");
        Assert.Equal(100, drop.Confidence);
        var service = Assert.Single(records, record => record.Value == "whatismyip.example");
        Assert.True(service.IsBenign);
        Assert.Equal(0, service.Confidence);
        var hash = Assert.Single(records, record => record.Value == "6f66b67a97dc3f2661dab3eacd13f9b9");
        Assert.Equal(("Invoice 4471.docm", "Attachment"), (hash.FileName, hash.FileType));
        Assert.Equal("5a6c18ce27140f38e8b468d4d7a1a9473080a63107af83b7b1c065fede01aef6", hash.FileHashes.Sha256);
        Assert.All(records, record => Assert.Equal(RecordOperation.Upsert, record.Operation));
    }

    [Fact]
    public void A_phish_is_rated_major_and_its_role_is_phish()
    {
        var records = IndicatorRecords.Of(Samples.PhishA).Where(record => !record.Corollary).ToList();

        Assert.NotEmpty(records);
        Assert.All(records, record => Assert.Equal((Impact.Major, "Phish", 100), (record.Impact, record.Role, record.Confidence)));
        Assert.All(records, record => Assert.StartsWith("p_", record.Key, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_two_that_say_the_same_the_worse_and_the_primary_one_counts()
    {
        var records = IndicatorRecords.Of(Read(
            """[{"blockType":"Domain Name","data_1":"EVIL.example","impact":"Minor"},{"blockType":"Domain Name","data_1":"evil.example.","impact":"Major"}]""",
            """[{"domain":"evil.example"}]"""));

        var record = Assert.Single(records);
        Assert.Equal((Impact.Major, false, "evil.example"), (record.Impact, record.Corollary, record.Value));
    }

    [Fact]
    public void What_is_malformed_has_no_record_and_is_counted()
    {
        var leftOut = new LeftOutCounts();

        var records = IndicatorRecords.Of(
            Read("""[{"blockType":"Domain Name","data_1":"not a name"},{"blockType":"Weather","data_1":"rain"},{"blockType":"URL","data_1":"http://a.example/"}]"""),
            leftOut);

        Assert.Equal([IndicatorKind.Unknown, IndicatorKind.Url], records.Select(record => record.Kind));
        Assert.Equal((1, 1), (leftOut[LeftOutReason.Malformed], leftOut.Total));
    }

    [Fact]
    public void A_withdrawn_threat_is_all_retractions_and_a_removal_is_one()
    {
        var before = Read("""[{"blockType":"Domain Name","data_1":"left.example"},{"blockType":"Domain Name","data_1":"stays.example"}]""");
        var now = Read("""[{"blockType":"Domain Name","data_1":"stays.example"}]""");

        Assert.All(IndicatorRecords.Of(before with { Withdrawn = true }), record => Assert.Equal(RecordOperation.Retract, record.Operation));
        var records = IndicatorRecords.Of(ThreatChange.Between(before, now).ToRender);
        Assert.Equal(
            [("stays.example", RecordOperation.Upsert), ("left.example", RecordOperation.Retract)],
            records.Select(record => (record.Value, record.Operation)));
    }

    [Fact]
    public void What_another_live_threat_carries_is_not_removed()
    {
        var before = Read("""[{"blockType":"Domain Name","data_1":"left.example"},{"blockType":"Domain Name","data_1":"shared.example"}]""");
        var now = Read("[]");

        var change = ThreatChange.Between(before, now, indicator => indicator.NormalizedValue == "shared.example");

        Assert.Equal("left.example", Assert.Single(change.Removed).Value);
        Assert.Empty(ThreatChange.Between(null, now).Removed);
        Assert.Empty(ThreatChange.Between(before, now with { Withdrawn = true }).Removed);
    }

    [Fact]
    public void What_was_good_for_blocking_and_is_now_for_correlation_only_was_removed()
    {
        var before = Read("""[{"blockType":"Domain Name","data_1":"sender.example"}]""");
        var now = Read("[]", """[{"domain":"sender.example"}]""");

        Assert.Equal("sender.example", Assert.Single(ThreatChange.Between(before, now).Removed).Value);
        Assert.Empty(ThreatChange.Between(now, before).Removed);
    }

    [Fact]
    public void The_scores_of_impacts_rise_together()
    {
        var scores = Enum.GetValues<Impact>().Select(ImpactScores.Of).ToList();

        Assert.Equal([0, 35, 75, 100], Enum.GetValues<Impact>().Select(ScoreTable.Usual.Of));
        Assert.Equal([0, 4, 7, 10], scores.Select(score => score.CefSeverity));
        Assert.Equal([0, 1, 3, 5], scores.Select(score => score.ThreatConnectRating));
        Assert.Equal(["low", "medium", "high", "very-high"], scores.Select(score => score.AnomaliSeverity));
        Assert.Equal(["benign", "low", "medium", "high"], scores.Select(score => score.CritsImpact));
    }

    private static Threat Read(string blockSet, string domainSet = "[]") => ThreatReader.Read(
        Encoding.UTF8.GetBytes($$"""{"id":1,"threatType":"MALWARE","firstPublished":1750000000000,"blockSet":{{blockSet}},"domainSet":{{domainSet}}}"""));
}
