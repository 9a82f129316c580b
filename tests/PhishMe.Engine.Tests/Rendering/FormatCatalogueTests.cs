using System.Text;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>One descriptor per format; runs and cmdlets announce a withdrawal in the same bytes.</summary>
public sealed class FormatCatalogueTests
{
    private const string Known = """{"id": 7, "threatType": "MALWARE", "deleted": false, "label": "a", "firstPublished": 1750000000000}""";

    public static TheoryData<RenderingFormat> Formats => [.. Enum.GetValues<RenderingFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_has_a_descriptor_of_its_own(RenderingFormat format)
    {
        var descriptor = FormatCatalogue.Of(format);

        Assert.Equal(format, descriptor.Format);
        Assert.Matches("^\\.[a-z]+$", descriptor.Extension);
        Assert.Contains('/', descriptor.MediaType);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_was_rendered_stays_when_the_next_threat_is_rendered(RenderingFormat format)
    {
        var options = new RenderingOptions { Format = format };
        var rendering = new OutputRendering(options);
        var first = Threat("""{"id": 1, "threatType": "MALWARE", "label": "one", "firstPublished": 1750000000000, "blockSet": [{"blockType": "Domain Name", "data_1": "one.example", "impact": "Major"}]}""");
        var second = Threat("""{"id": 2, "threatType": "MALWARE", "label": "another one", "firstPublished": 1750000000000, "blockSet": [{"blockType": "Domain Name", "data_1": "two.example", "impact": "Major"}]}""");

        var rendered = rendering.Render(first);
        var before = rendered.ToArray();
        var other = rendering.Render(second);

        Assert.Equal(before, rendered.ToArray());
        Assert.Equal(new OutputRendering(options).Render(second).ToArray(), other.ToArray());
        Assert.NotEqual(before, other.ToArray());

        static Threat Threat(string json) => ThreatReader.Read(Encoding.UTF8.GetBytes(json));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_stream_and_a_cmdlet_announce_a_withdrawal_in_the_same_bytes(RenderingFormat format)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(Known), withdrawn: true);
        var options = new RenderingOptions { Format = format };
        var written = Samples.Text(output => FormatCatalogue.CreateRenderer(options).Render(threat, output));

        var announced = new OutputRendering(options).Withdrawn(new WithdrawnThreat
        {
            Id = threat.Id,
            LastKnown = Encoding.UTF8.GetBytes(Known),
            FirstPublished = 1750000000000,
        });

        Assert.Equal(written, Encoding.UTF8.GetString(announced.Span));
        Assert.Equal(FormatCatalogue.Of(format).AnnouncesWithdrawal, written.Length > 0);
    }

    [Fact]
    public void Json_says_once_that_a_threat_was_deleted_wherever_it_said_something_else_before()
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(Known), withdrawn: true);

        var line = Samples.Text(output => FormatCatalogue.CreateRenderer(new RenderingOptions { Format = RenderingFormat.Json }).Render(threat, output));

        Assert.Equal("""{"id":7,"threatType":"MALWARE","label":"a","firstPublished":1750000000000,"deleted":true}""" + "\n", line);
    }
}
