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
