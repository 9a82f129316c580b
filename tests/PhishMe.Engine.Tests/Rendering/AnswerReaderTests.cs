using System.Text;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class AnswerReaderTests
{
    private const string Line = "CEF:0|PhishMe|Intelligence|1.0|c|n|7|cat=Major externalId=5 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published cs1=x";

    [Fact]
    public void The_documented_lines_are_two_threats()
    {
        var body = Samples.Bytes("lines.cef");

        var read = CefLineReader.GroupByThreat(body);

        Assert.Empty(read.Strays);
        Assert.Equal([ThreatId.Parse("m_900101"), ThreatId.Parse("p_8800001")], read.Threats.Select(threat => threat.Id));
        Assert.Equal([4, 1], read.Threats.Select(threat => threat.Lines.Count));
        Assert.Equal(1750766401337, read.Threats[0].FirstPublished!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(1750773780120, read.Threats[1].FirstPublished!.Value.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Lines_are_split_at_CR_and_LF_only_and_blank_ones_are_skipped()
    {
        string[] lines = [Line + "\u0085\u2028\u2029\v\f\u001C", Line.Replace("=5", "=6", StringComparison.Ordinal), Line.Replace("=5", "=7", StringComparison.Ordinal)];
        var body = Encoding.UTF8.GetBytes($"\uFEFF\r\n{lines[0]}\r\n\r\n{lines[1]}\r \n{lines[2]}");

        CefLine[] read = [.. CefLineReader.Read(body)];

        Assert.Equal(lines, read.Select(line => Encoding.UTF8.GetString(line.Bytes.Span)));
        Assert.Equal([5L, 6L, 7L], read.Select(line => line.Id!.Value.Number));
    }

    [Fact]
    public void Lines_are_slices_and_not_copies()
    {
        var body = Encoding.UTF8.GetBytes(Line);

        var line = Assert.Single(CefLineReader.Read(body)).Bytes;

        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(line, out var segment));
        Assert.Same(body, segment.Array);
    }

    [Fact]
    public void Lines_of_one_threat_come_together_also_when_others_are_between()
    {
        var other = Line.Replace("|Intelligence|", "|brand intelligence|", StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes($"{Line}\n{other}\n{Line} b=1\nno cef at all\n");

        var read = CefLineReader.GroupByThreat(body);

        Assert.Equal(["m_5", "p_5"], read.Threats.Select(threat => threat.Id.ToString()));
        Assert.Equal([2, 1], read.Threats.Select(threat => threat.Lines.Count));
        Assert.Equal("no CEF header", Assert.Single(read.Strays).Fault);
    }

    [Theory]
    [InlineData("CEF:0|Co\\|fense|Intelligence|1.0|c|n|7|deviceCustomDate1=1750766401337 cs1=a b externalId=5", 5L, true)]
    [InlineData("CEF:0|a\\\\|Intelligence|1.0|c|n|7|externalId=5 ", 5L, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|cs4=https://x/?id=7&externalId=9 externalId=5", 5L, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|cs4=x externalId\\=9 y externalId=5", 5L, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId=5 fname=a externalId=9", 5L, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|EXTERNALID=5 DeviceCustomDate1=Jun 24 2025 12:00:01", 5L, true)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId=5 deviceCustomDate1=soon cs1=x", 5L, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|a=1", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId= a=1", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId=5x", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId=-5", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0|c|n|7|externalId=99999999999999999999", null, false)]
    [InlineData("CEF:0|a|Other|1.0|c|n|7|externalId=5", null, false)]
    [InlineData("CEF:0|a|Intelligence|1.0", null, false)]
    [InlineData("<html>", null, false)]
    public void A_line_is_read_by_key_and_never_by_position(string line, long? number, bool dated)
    {
        var read = CefLineReader.Parse(Encoding.UTF8.GetBytes(line));

        Assert.Equal(number, read.Id?.Number);
        Assert.Equal(number is null, read.Fault is not null);
        Assert.Equal(dated, read.FirstPublished is not null);
    }

    [Theory]
    [InlineData("malware_a", "m_900101", "2025-06-24T12:00:01.337Z")]
    [InlineData("phish_a", "p_8800001", "2025-06-24T14:03:00.120Z")]
    public void The_documented_packages_tell_their_threat(string name, string id, string time)
    {
        var info = StixPackageReader.Read(Samples.Bytes(name + ".stix.xml"));

        Assert.True(info.IsWellFormed);
        Assert.Equal(id, info.Id.ToString());
        Assert.Equal(time, info.FirstStartTime);
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), info.CampaignTimestamp);
        Assert.Equal(info.CampaignTimestamp, info.FirstPublished);
    }

    [Fact]
    public void Prefixes_line_layout_and_forms_of_time_do_not_matter()
    {
        const string package = """
            <?xml version="1.0"?><s:STIX_Package xmlns:s="http://stix.mitre.org/stix-1" xmlns:c="http://stix.mitre.org/Campaign-1" xmlns:i="http://stix.mitre.org/Indicator-2"
             timestamp="2015-01-02T03:04:05.678-05:00"><s:STIX_Header><s:Title>
              PhishMe  PHISH   ThreatID 42 </s:Title></s:STIX_Header><s:Campaigns><s:Campaign timestamp="2015-01-01T00:00:00-05:00"
              id="x"><c:Title><!-- n --><![CDATA[ 42 ]]></c:Title></s:Campaign></s:Campaigns></s:STIX_Package>
            """;

        var info = StixPackageReader.Read(Encoding.UTF8.GetBytes(package));

        Assert.Null(info.Error);
        Assert.Equal("p_42", info.Id.ToString());
        Assert.Equal(new DateTimeOffset(2015, 1, 1, 5, 0, 0, TimeSpan.Zero), info.CampaignTimestamp);
        Assert.Null(info.FirstStartTime);
        Assert.Equal(new DateTimeOffset(2015, 1, 2, 8, 4, 5, 678, TimeSpan.Zero), info.PackageTimestamp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not xml")]
    [InlineData("<a>")]
    [InlineData("<a>Tom & Jerry</a>")]
    [InlineData("<a/><b/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"no-such-code\"?><a/>")]
    [InlineData("<a>\u0001</a>")]
    public void What_is_not_well_formed_comes_back_with_the_reason(string package)
    {
        var info = StixPackageReader.Read(Encoding.UTF8.GetBytes(package));

        Assert.False(info.IsWellFormed);
        Assert.NotEmpty(info.Error!);
        Assert.Null(info.Id);
    }

    [Fact]
    public void A_package_that_tells_nothing_is_still_well_formed()
    {
        var info = StixPackageReader.Read("<a><b/></a>"u8.ToArray());

        Assert.True(info.IsWellFormed);
        Assert.Null(info.Id);
        Assert.Null(info.FirstPublished);
    }
}
