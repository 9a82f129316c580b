using System.Buffers;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Conditions and the allow list mean the same in every form.</summary>
public sealed class FilteredRenderingTests
{
    private static readonly DateTimeOffset Published = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000);

    public static TheoryData<RenderingFormat> Formats => [.. Enum.GetValues<RenderingFormat>()];

    public static TheoryData<RenderingFormat> FormatsOfIndicators => [.. Enum.GetValues<RenderingFormat>().Where(format => format != RenderingFormat.Json)];

    [Theory]
    [InlineData("Domain Name", "login.evil.example", "evil.example")]
    [InlineData("Domain Name", "evil.example", "evil.example")]
    [InlineData("Domain Name", "evil.example", "*.evil.example")]
    [InlineData("Domain Name", "EVIL.example.", "evil[.]example")]
    [InlineData("Domain Name", "*.evil.example", "evil.example")]
    [InlineData("Domain Name", "bücher.evil.example", "xn--bcher-kva.evil.example")]
    [InlineData("URL", "http://login.evil.example/a?b", "evil.example")]
    [InlineData("URL", "http://login.evil.example/a?b", "hxxp://login.evil.example/a?b")]
    [InlineData("URL", "http://203.0.113.7:8080/a", "203.0.113.0/24")]
    [InlineData("IPv4 Address", "203.0.113.7", "203.0.113.7")]
    [InlineData("IPv4 Address", "203.0.113.7", "203.0.113.0/24")]
    [InlineData("IPv4 Address", "203.0.113.0/24", "203.0.113.7")]
    [InlineData("IPv4 Address", "203.0.113.0/24", "203.0.113.7/32")]
    [InlineData("Email", "drop@evil.example", "evil.example")]
    [InlineData("Email", "drop@evil.example", "drop@evil.example")]
    public void What_the_allow_list_covers_is_not_written(string type, string value, string entry)
    {
        Assert.NotEmpty(Rendered(RenderingFormat.List, Read(type, value)));
        Assert.Empty(Rendered(RenderingFormat.List, Read(type, value), options => options with { AllowList = [entry] }));
    }

    [Theory]
    [InlineData("Domain Name", "notevil.example", "evil.example")]
    [InlineData("Domain Name", "evil.example", "login.evil.example")]
    [InlineData("Domain Name", "evil.example.net", "evil.example")]
    [InlineData("URL", "http://login.evil.example/a?b", "http://login.evil.example/a")]
    [InlineData("URL", "http://other.example/?u=evil.example", "evil.example")]
    [InlineData("IPv4 Address", "203.0.114.7", "203.0.113.0/24")]
    [InlineData("IPv4 Address", "203.0.113.0/24", "203.0.114.7")]
    [InlineData("Email", "drop@notevil.example", "evil.example")]
    [InlineData("Email", "drop@evil.example", "dropped@evil.example")]
    public void What_it_nearly_covers_is_written(string type, string value, string entry) =>
        Assert.NotEmpty(Rendered(RenderingFormat.List, Read(type, value), options => options with { AllowList = [entry, "", "# a comment"] }));

    [Fact]
    public void An_entry_that_is_nothing_is_refused()
    {
        var fault = Assert.Throws<PhishMeException>(() => FormatCatalogue.CreateRenderer(new RenderingOptions { Format = RenderingFormat.Cef, AllowList = ["evil.example", "the office"] }));

        Assert.Equal(Faults.IndicatorNotRecognized, fault.Fault.Kind);
        Assert.Contains("'the office'", fault.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(FormatsOfIndicators))]
    public void Nothing_on_the_allow_list_is_in_any_form(RenderingFormat format)
    {
        string[] allowed = ["malware.example", "203.0.113.0/24", "phish.example", "198.51.100.77", .. Samples.MalwareA.Files.Select(file => file.Hashes.Md5!)];

        foreach (var threat in (Threat[])[Samples.MalwareA, Samples.PhishA])
        {
            var all = Rendered(format, threat);
            var left = Rendered(format, threat, options => options with { AllowList = allowed });

            Assert.Contains(threat.Type == ThreatType.Malware ? "files.malware.example" : "login.phish.example", all, StringComparison.Ordinal);
            Assert.DoesNotContain("malware.example", left, StringComparison.Ordinal);
            Assert.DoesNotContain("203.0.113.45", left, StringComparison.Ordinal);
            Assert.DoesNotContain("login.phish.example", left, StringComparison.Ordinal);
            Assert.DoesNotContain("198.51.100.77", left, StringComparison.Ordinal);

            // Listed by one hash, a file is not told by another either.
            Assert.All(threat.Files.SelectMany(file => file.Hashes.Known()), hash => Assert.DoesNotContain(hash.Value, left, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void An_allow_list_that_names_nothing_of_a_threat_changes_no_byte(RenderingFormat format)
    {
        foreach ((var name, var threat) in Samples.All())
        {
            Assert.True(Rendered(format, threat) == Rendered(format, threat, options => options with { AllowList = ["nowhere.invalid"] }), name);
        }
    }

    [Theory]
    [InlineData(null, "major,minor,unrated")]
    [InlineData(Impact.Minor, "major,minor")]
    [InlineData(Impact.Moderate, "major")]
    public void Lines_are_chosen_by_impact(Impact? least, string hosts)
    {
        var threat = Read(Malware(1).Domain("major.example").Domain("minor.example", impact: "Minor").Domain("unrated.example", impact: null));

        var lines = Rendered(RenderingFormat.Cef, threat, options => options with { MinimumImpact = least });

        Assert.Equal(hosts.Split(','), ((string[])["major", "minor", "unrated"]).Where(host => lines.Contains($"={host}.example ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Lines_are_chosen_by_role_and_kind()
    {
        var threat = Read(Malware(1).Domain("c2.example").Domain("payload.example", role: "Payload").Url("http://c2.example/x"));

        Assert.Equal(2, Lines(options => options with { Roles = ["c2"] }));
        Assert.Equal(1, Lines(options => options with { Roles = ["C2"], Kinds = new HashSet<IndicatorKind> { IndicatorKind.Url } }));
        Assert.Equal(0, Lines(options => options with { Roles = ["C"] }));

        int Lines(Func<RenderingOptions, RenderingOptions> conditions) => Rendered(RenderingFormat.Cef, threat, conditions).Count(c => c == '\n');
    }

    [Theory, MemberData(nameof(Formats))]
    public void Threats_are_chosen_by_product_date_and_family(RenderingFormat format)
    {
        var threat = Read(Malware(1, Published.ToUnixTimeMilliseconds()).Domain("evil.example")) with { Families = ["Sample Keylogger"], DeliveryMechanisms = ["OfficeMacro"] };

        Assert.True(IsWritten(options => options with { Type = ThreatType.Malware, Since = Published, Until = Published.AddMilliseconds(1), Families = ["SAMPLE keylogger"] }));
        Assert.True(IsWritten(options => options with { Families = ["other", "officemacro"] }));
        Assert.False(IsWritten(options => options with { Type = ThreatType.Phish }));
        Assert.False(IsWritten(options => options with { Since = Published.AddMilliseconds(1) }));
        Assert.False(IsWritten(options => options with { Until = Published }));
        Assert.False(IsWritten(options => options with { Families = ["Keylogger"] }));

        bool IsWritten(Func<RenderingOptions, RenderingOptions> conditions) => Rendered(format, threat, conditions).Length > 0;
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_threat_of_which_nothing_is_left_is_not_in_a_document(RenderingFormat format)
    {
        var output = new ArrayBufferWriter<byte>();
        var empty = new ArrayBufferWriter<byte>();
        var document = FormatCatalogue.CreateRenderer(new RenderingOptions { Format = format, MinimumImpact = Impact.Major }).Begin(output);
        var result = document.Add(Read(Malware(1).Domain("evil.example", impact: "Minor")));
        document.Complete();
        FormatCatalogue.CreateRenderer(new RenderingOptions { Format = format }).Begin(empty).Complete();

        Assert.Equal(default, result);
        Assert.Equal(empty.WrittenSpan, output.WrittenSpan);
    }

    [Theory]
    [InlineData(RenderingFormat.Cef, "threat_withdrawn")]
    [InlineData(RenderingFormat.Json, "\"deleted\":true")]
    [InlineData(RenderingFormat.Stix21, "\"revoked\":true")]
    [InlineData(RenderingFormat.Misp, "\"deleted\":true")]
    public void A_withdrawal_is_announced_whatever_was_chosen(RenderingFormat format, string word) =>
        Assert.Contains(
            word,
            Rendered(format, Samples.MalwareA with { Withdrawn = true }, options => options with { Since = DateTimeOffset.MaxValue, Families = ["x"], Kinds = KindsOfLines }),
            StringComparison.Ordinal);

    [Fact]
    public void Json_is_written_as_received_or_not_at_all()
    {
        var threat = Read(Malware(1).Domain("evil.example").Domain("benign.example"));

        Assert.Contains("benign.example", Rendered(RenderingFormat.Json, threat, options => options with { AllowList = ["benign.example"] }), StringComparison.Ordinal);
        Assert.Empty(Rendered(RenderingFormat.Json, threat, options => options with { AllowList = ["benign.example", "evil.example"] }));
    }

    private static IReadOnlySet<IndicatorKind> KindsOfLines { get; } =
        new HashSet<IndicatorKind> { IndicatorKind.Url, IndicatorKind.Domain, IndicatorKind.IPv4, IndicatorKind.Md5 };

    private static Threat Read(string type, string value) => Read(Malware(1).Block(type, value));

    private static Threat Read(System.Text.Json.Nodes.JsonObject threat) => Samples.Read(threat.ToJsonString());

    private static string Rendered(RenderingFormat format, Threat threat, Func<RenderingOptions, RenderingOptions>? conditions = null)
    {
        var options = new RenderingOptions { Format = format };
        return Samples.Text(output => FormatCatalogue.CreateRenderer(conditions?.Invoke(options) ?? options).Render(threat, output));
    }
}
