using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class GivenTheFactSheets : IAsyncLifetime
{
    private ThreatHqSimulator _simulator = null!;

    public async ValueTask InitializeAsync()
    {
        _simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        foreach (var document in new[] { FactSheet.MalwareA, FactSheet.MalwareB, FactSheet.PhishA, FactSheet.PhishB })
        {
            _simulator.Publish(Encoding.UTF8.GetBytes(document));
        }
    }

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public void The_lines_of_malware_A_are_those_of_the_sheet_among_them()
    {
        var lines = _simulator.Cef("m_900101").Split('\n');

        // URL, domain, address, second domain, two files; the mail address has no class.
        Assert.Equal(6, lines.Length);
        string[] listed = [lines[0], lines[1], lines[2], lines[4]];
        Assert.Equal(FactSheet.CefOfMalwareA, listed);
        Assert.StartsWith("CEF:0|PhishMe|Intelligence|1.0|watchlist_domain|Watchlist Domain|0|cat=None externalId=900101 ", lines[3], StringComparison.Ordinal);
        Assert.Contains(" fname=svchelper.exe fileHash=4e04c7cd279535ad5d56eeafc49d2633 ", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_phish_A_is_that_of_the_sheet() => Assert.Equal(FactSheet.CefOfPhishA, _simulator.Cef("phish", 8800001));

    [Fact]
    public void What_a_sparse_threat_lacks_is_left_out_of_its_lines()
    {
        Assert.Equal(
            "CEF:0|PhishMe|Intelligence|1.0|watchlist_ip|Watchlist IP|4|cat=Minor externalId=900102 deviceCustomDate1=1750843799004 deviceCustomDate1Label=First Published"
            + @" dst=192.0.2.88 cs1Label=Malware Family cs1=Demo RAT cs3Label=Infrastructure Type cs3=C2 cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900102",
            _simulator.Cef("m_900102").Split('\n')[0]);
        Assert.Equal(
            "CEF:0|PhishMe|Brand Intelligence|1.0|phish_confirmed|Phish Confirmed|10|externalId=8800002 deviceCustomDate1=1750834710000 deviceCustomDate1Label=First Seen"
            + " dst=192.0.2.10 cs2Label=Brand cs2=Generic Threat cs4Label=Phishing URL cs4=http://192.0.2.10/mail/"
            + @" cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?p\=8800002",
            _simulator.Cef("p_8800002"));
    }

    [Fact]
    public async Task The_vendor_of_the_lines_can_be_the_later_name()
    {
        await using var other = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { CefVendor = "Cofense" }, TestContext.Current.CancellationToken);
        other.Publish(Encoding.UTF8.GetBytes(FactSheet.PhishA));
        Assert.Equal(FactSheet.CefOfPhishA.Replace("|PhishMe|", "|Cofense|", StringComparison.Ordinal), other.Cef("p_8800001"));
    }

    [Theory]
    [InlineData("m_900101", "Malware", "2025-06-24T12:00:01.337Z")]
    [InlineData("p_8800001", "Phish", "2025-06-24T14:03:00.120Z")]
    public void Packages_hold_the_strings_that_the_original_looks_for(string id, string product, string first)
    {
        var package = _simulator.Stix(id);
        var number = id[2..];
        Assert.Contains($"<stix:Title>Cofense {product} ThreatID {number}</stix:Title>", package, StringComparison.Ordinal);
        Assert.Contains($"<campaign:Title>{number}</campaign:Title>", package, StringComparison.Ordinal);
        Assert.Matches($"<stix:Campaign id=\"Cofense:Campaign-[0-9a-f-]{{36}}\" timestamp=\"{first}\" xsi:type=", package);
        Assert.Contains($"<indicator:Start_Time precision=\"second\">{first[..11]}", package, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_are_served_without_white_space_but_otherwise_as_written()
    {
        var json = _simulator.Json("m_900102");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(FactSheet.MalwareB), JsonNode.Parse(json.Span)));
        Assert.StartsWith("{\"id\":900102,\"relatedSearchTags\":[],", Encoding.UTF8.GetString(json.Span), StringComparison.Ordinal);
    }
}
