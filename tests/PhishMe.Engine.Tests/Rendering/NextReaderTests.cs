using System.Text;
using System.Text.Json.Nodes;
using Microsoft.VisualBasic.FileIO;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Tests.Store;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>A value is escaped for whoever reads it next, not for the grammar of the format alone.</summary>
public sealed class NextReaderTests
{
    private const string Forged = "CEF:0|V|P|1|x|y|0|dst=192.0.2.1";

    public static TheoryData<string> Controls =>
        ["\u0000", "\u0001", "\u0008", "\u000B", "\u000C", "\u001B", "\u001E", "\u007F", "\u0085", "\u009B", "\u2028", "\u2029"];

    [Theory]
    [MemberData(nameof(Controls))]
    public void No_control_character_leaves_as_cef_and_a_record_stays_one(string control)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(ThreatBuilder.Malware(1)
            .Block("URL", $"http://evil.example/{control}{Forged}", family: $"fam{control}ily").ToJsonString()));

        var text = Samples.Text(output => new CefRenderer().Render(threat, output));

        Assert.Equal(1, text.Count(c => c == '\n'));
        Assert.DoesNotContain(control, text, StringComparison.Ordinal);
        Assert.Contains("http://evil.example/\uFFFDCEF:0", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" dst=", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Controls))]
    [InlineData("\r")]
    public void A_line_of_the_api_is_byte_for_byte_but_for_control_characters(string control)
    {
        var line = Encoding.UTF8.GetBytes($"CEF:0|PhishMe|Intelligence|1.0|a|\u00C4\u20AC\u00E9\u00A0\u2030|0|cs4={control}a{control}{Forged}{control}\t\u00E2\u20AC\u00FC{control}");

        var sent = CefRendition.Of([line]).Bytes;

        Assert.Equal(Encoding.UTF8.GetString(line).Replace(control, "\uFFFD", StringComparison.Ordinal) + "\n", Encoding.UTF8.GetString(sent.Span));
    }

    [Fact]
    public void Bytes_of_the_api_that_are_no_control_characters_stay_and_are_not_copied()
    {
        // No UTF-8: lead bytes at the end and before something else, and continuation bytes alone.
        byte[] line = [.. "CEF:0|a="u8, 0xC2, (byte)'x', 0xE2, 0x80, (byte)'y', 0x80, 0x9B, 0xFF, 0xC2, 0xA0, 0xE2, 0x80, 0xA7, 0xE2, 0x80];

        Assert.Equal(line, ControlCharacters.Replace(line).ToArray());
        Assert.True(ControlCharacters.Replace(line).Span == line);
        Assert.Equal([.. line, 0xEF, 0xBF, 0xBD, 0xC2], ControlCharacters.Replace((byte[])[.. line, 0x1B, 0xC2]).ToArray());
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")", true)]
    [InlineData("=1+1", true)]
    [InlineData("+1", true)]
    [InlineData("-1+cmd|' /C calc'!A0", true)]
    [InlineData("@SUM(1)", true)]
    [InlineData("\t=1", true)]
    [InlineData("\r=1", true)]
    [InlineData("\n=1", true)]
    [InlineData("  =1", true)]
    [InlineData("\u00A0=1", true)]
    [InlineData("＝1+1", true)]
    [InlineData("＠SUM(1)", true)]
    [InlineData("a=1", false)]
    [InlineData("Sign in - Example Bank", false)]
    [InlineData("user@mail.example", false)]
    [InlineData("'=1", false)]
    [InlineData("\"=1\"", false)]
    [InlineData("1-2", false)]
    [InlineData("(=1)", false)]
    public void A_formula_in_csv_is_neutralised_unless_it_is_to_be_kept(string title, bool isFormula)
    {
        var phish = Phish(title);

        Assert.Equal(isFormula ? "'" + title : title, Cells(phish, keep: false)[^2]);
        Assert.Equal(title, Cells(phish, keep: true)[^2]);

        // The other reader takes any line end for LF.
        title = title.Replace('\r', '\n');
        Assert.Equal(isFormula ? "'" + title : title, TextFields(phish, keep: false)[^2]);
        Assert.Equal(title, TextFields(phish, keep: true)[^2]);
    }

    [Theory]
    [InlineData("203.0.113.5", "203.0.113.5", null)]
    [InlineData("203.0.113.5.", "203.0.113.5", "203.0.113.5.")]
    [InlineData("203.0.113.5?", "203.0.113.5", "203.0.113.5?")]
    [InlineData("203.0.113.5:8080", "203.0.113.5", "203.0.113.5:8080")]
    [InlineData("203[.]0[.]113[.]5", "203.0.113.5", "203[.]0[.]113[.]5")]
    [InlineData("203.0.113.0/24", null, "203.0.113.0/24")]
    [InlineData("203.0.113.5/32", null, "203.0.113.5/32")]
    [InlineData("999.1.1.1", null, "999.1.1.1")]
    [InlineData("203.0.113", null, "203.0.113")]
    [InlineData("203.0.113.5-203.0.113.9", null, "203.0.113.5-203.0.113.9")]
    public void Dst_holds_an_address_and_nothing_else_and_the_value_is_in_the_event(string value, string? dst, string? told)
    {
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(ThreatBuilder.Malware(1).Block("IPv4 Address", value).ToJsonString()));

        var text = Samples.Text(output => new CefRenderer().Render(threat, output));
        if (threat.Indicators[0].Kind != IndicatorKind.IPv4)
        {
            // What is no address but a name is an event of its own class.
            Assert.DoesNotContain("dst=", text, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(dst is not null, text.Contains($" dst={dst} ", StringComparison.Ordinal));
        Assert.Equal(dst is not null, text.Contains(" dst=", StringComparison.Ordinal));
        Assert.Equal(told is not null, text.Contains($"cs4Label=Watchlist IP cs4={told} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("96:abcDEF0123:abcDEF0123", "96:abcDEF0123:abcDEF0123")]
    [InlineData("96:abcDEF0123:abc,\"file.exe\"", "96:abcDEF0123:abc")]
    [InlineData("96:abcDEF0123:abc,\"a, b.exe\"", "96:abcDEF0123:abc")]
    [InlineData("96:a/b+c:d/e+f", "96:a/b+c:d/e+f")]
    [InlineData("0:abc:abc", null)]
    [InlineData("x:abc:abc", null)]
    [InlineData("96:abc", null)]
    [InlineData("96:ab c:abc", null)]
    [InlineData("96:abc:ab'c", null)]
    [InlineData("96:abc:abc:abc", null)]
    [InlineData("96:ü:abc", null)]
    public void An_ssdeep_hash_is_cut_to_form_or_left_out_and_costs_no_neighbour(string ssdeep, string? expected)
    {
        var json = ThreatBuilder.Malware(1).Block("Domain Name", "evil.example");
        json["executableSet"] = new JsonArray(new JsonObject { ["fileName"] = "a.exe", ["ssdeep"] = ssdeep });
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));

        var bundle = Samples.Text(output => new StixBundleRenderer().Render(threat, output));
        var misp = Samples.Text(output => new MispEventRenderer().Render(threat, output));

        Assert.Contains("[domain-name:value = 'evil.example']", bundle, StringComparison.Ordinal);
        Assert.Contains("\"value\":\"evil.example\"", misp, StringComparison.Ordinal);
        Assert.Equal(expected is not null, bundle.Contains($"[file:hashes.SSDEEP = '{expected}']", StringComparison.Ordinal));
        Assert.Equal(expected is not null, bundle.Contains("SSDEEP", StringComparison.Ordinal));
        Assert.Equal(expected is not null, misp.Contains("\"type\":\"ssdeep\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_misp_attribute_keeps_to_the_published_rules_of_misp()
    {
        var random = new Randomness();
        var threats = Enumerable.Range(0, 400).Select(_ => ThreatReader.Read(random.Threat()))
            .Concat(NastyForMisp()).Concat([Samples.MalwareA, Samples.PhishA]);
        foreach (var threat in threats)
        {
            var written = Samples.Text(output => new MispEventRenderer(new MispEventOptions { Filter = IndicatorFilter.Everything }).Render(threat, output));
            foreach (var attribute in JsonNode.Parse(written)!["Event"]!["Attribute"]!.AsArray())
            {
                var type = attribute!["type"]!.GetValue<string>();
                var value = attribute["value"]!.GetValue<string>();
                Assert.True(MispRules.Accepts(type, value), $"seed {random.Seed}: {type} {value}");
            }
        }
    }

    [Fact]
    public void A_folded_subject_is_one_line_in_misp()
    {
        var threat = ThreatReader.Read("""{"id":1,"threatType":"MALWARE","subjectSet":[{"subject":"folded24\n subject"}],"firstPublished":1750000000000}"""u8.ToArray());

        Assert.Contains("\"value\":\"folded24 subject\"", Samples.Text(output => new MispEventRenderer().Render(threat, output)), StringComparison.Ordinal);
    }

    private static IEnumerable<Threat> NastyForMisp()
    {
        string[] values =
        [
            "evil.example", "a_b.example", "*.evil.example", "evil.example.", "bücher.example", "x", "http://evil.example/a\nb", "a b@evil.example",
            "drop@evil.example", "drop@local", "203.0.113.5", "203.0.113.0/24", "203.0.113.0/99", "::ffff:203.0.113.9", "2001:db8::/32", new string('a', 32),
            new string('g', 32), "subject\r\n\tof\u0000lines", "file:///etc/passwd", "http://evil.example:99999/", "https://[2001:db8::1]/",
        ];
        string[] types = ["Domain Name", "IPv4 Address", "URL", "Email", "File Hash", "Nonsense"];
        var json = ThreatBuilder.Malware(7);
        foreach (var value in values)
        {
            foreach (var type in types)
            {
                json.Block(type, value);
            }
        }

        json["subjectSet"] = new JsonArray([.. values.Select(value => new JsonObject { ["subject"] = value })]);
        json["senderEmailSet"] = new JsonArray([.. values.Select(value => new JsonObject { ["senderEmail"] = value })]);
        yield return ThreatReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));
        foreach (var value in values)
        {
            yield return ThreatReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString())) with { ThreatDetailUri = value, ScreenshotUri = value };
        }
    }

    private static Threat Phish(string title)
    {
        var json = ThreatBuilder.Phish(1, "http://page.example/");
        json["title"] = title;
        var threat = ThreatReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));
        return threat with { Label = title, Indicators = [threat.Indicators[0]] };
    }

    private static string Csv(Threat threat, bool keep) =>
        Samples.Text(output => CsvRenderer.Render(threat, IndicatorFilter.Everything, output, keepFormulas: keep));

    // A reader of the rules of RFC 4180, written here.
    private static List<string> Cells(Threat threat, bool keep)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        var text = Csv(threat, keep)[..^1];
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (!quoted && text[i] == ','))
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (text[i] == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append('"');
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else
            {
                cell.Append(text[i]);
            }
        }

        return cells;
    }

    // The reader of .NET, which skips blank lines and takes any line end.
    private static List<string> TextFields(Threat threat, bool keep)
    {
        using var parser = new TextFieldParser(new StringReader(Csv(threat, keep).Replace("\r", "\n", StringComparison.Ordinal)))
        {
            Delimiters = [","],
            HasFieldsEnclosedInQuotes = true,
            TrimWhiteSpace = false,
        };
        return [.. parser.ReadFields()!.Select(field => field.ReplaceLineEndings("\n"))];
    }
}
