using System.Text.Json;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class ListRenderingTests
{
    [Fact]
    public void A_list_for_blocking_holds_no_sender_data_and_each_value_once_in_order()
    {
        var indicators = Samples.MalwareA.Indicators.Concat(Samples.PhishA.Indicators).Concat(Samples.MalwareA.Indicators);

        Assert.Equal(
            "files.malware.example\nlogin.phish.example\n",
            List(indicators, new IndicatorFilter { Kinds = new HashSet<IndicatorKind> { IndicatorKind.Domain } }));
        Assert.Equal(
            "files.malware.example\nlogin.phish.example\nwhatismyip.example\n",
            List(indicators, new IndicatorFilter { Kinds = new HashSet<IndicatorKind> { IndicatorKind.Domain }, IncludeBenign = true }));
    }

    [Fact]
    public void A_list_can_be_cut_by_impact() => Assert.Equal(
        "files.malware.example\n",
        List(Samples.MalwareA.Indicators, new IndicatorFilter { Kinds = new HashSet<IndicatorKind> { IndicatorKind.Domain }, MinimumImpact = Impact.Moderate }));

    [Fact]
    public void Sender_data_comes_out_when_asked_for() => Assert.Contains(
        "sender.example\n",
        List(Samples.MalwareA.Indicators, new IndicatorFilter { IncludeCorollary = true, Kinds = new HashSet<IndicatorKind> { IndicatorKind.Domain } }),
        StringComparison.Ordinal);

    [Fact]
    public void Private_addresses_are_kept_out_unless_asked_for()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "blockSet": [{"blockType": "IPv4 Address", "data": "10.0.0.1"}, {"blockType": "IPv4 Address", "data": "192[.]0[.]2[.]1"}]}
            """);

        Assert.Equal("192.0.2.1\n", List(threat.Indicators, null));
        Assert.Equal("10.0.0.1\n192.0.2.1\n", List(threat.Indicators, new IndicatorFilter { IncludePrivateAddresses = true }));
    }

    [Fact]
    public void Urls_are_refanged_and_otherwise_untouched_and_can_lose_their_scheme()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "blockSet": [{"blockType": "URL", "data": "hxxp://Evil[.]example/A?b=1#c"}]}
            """);

        Assert.Equal("http://Evil.example/A?b=1#c\n", List(threat.Indicators, null));
        Assert.Equal("Evil.example/A?b=1#c\n", Samples.Text(output => PlainListRenderer.Render(threat.Indicators, null, output, withoutScheme: true)));
    }

    [Fact]
    public void Rows_are_quoted_where_they_must_be()
    {
        var threat = Samples.Read("""
            {"id": 1, "threatType": "MALWARE", "label": "a \"b\", c", "firstPublished": 1750766401337, "lastPublished": 1750766404512,
             "blockSet": [{"blockType": "Domain Name", "data": "A.example", "impact": "Major", "confidence": 85, "role": "C2"}]}
            """);

        Assert.Equal(
            "threat_id,threat_type,kind,value,normalized_value,impact,confidence,role,family,delivery_mechanism,subclass,file_name,corollary,source,brands,"
            + "first_published,last_published,label,threat_detail_url\n"
            + "m_1,malware,domain,A.example,a.example,Major,85,C2,,,,,false,WatchList,,2025-06-24T12:00:01.337Z,2025-06-24T12:00:04.512Z,\"a \"\"b\"\", c\",\n",
            Samples.Text(output =>
            {
                CsvRenderer.RenderHeader(output);
                CsvRenderer.Render(threat, null, output);
            }));
    }

    [Fact]
    public void Every_row_has_as_many_cells_as_the_header()
    {
        var random = new Randomness();
        var columns = Cells(Samples.Text(CsvRenderer.RenderHeader)).Single().Count;
        for (var i = 0; i < 300; i++)
        {
            var threat = ThreatReader.Read(random.Threat());
            var rows = 0;
            var csv = Samples.Text(output => rows = CsvRenderer.Render(threat, IndicatorFilter.Everything, output, keepFormulas: true));

            var read = Cells(csv);

            Assert.True(read.Count == rows && read.All(row => row.Count == columns), $"seed {random.Seed}, round {i}");
            Assert.Equal(threat.Indicators.Select(indicator => Samples.WithoutControls(indicator.Value)), read.Select(row => row[3]));
        }
    }

    [Fact]
    public void A_misp_event_marks_what_to_detect_and_keeps_its_uuids()
    {
        var before = Event(Samples.MalwareA);
        var after = Event(Samples.MalwareA with { Withdrawn = true });
        JsonElement[] attributes = [.. before.GetProperty("Attribute").EnumerateArray()];

        Assert.Equal("1", before.GetProperty("threat_level_id").GetString());
        Assert.Equal("2025-06-24", before.GetProperty("date").GetString());
        Assert.Equal(before.GetProperty("uuid").GetString(), after.GetProperty("uuid").GetString());
        Assert.Equal(
            attributes.Select(one => one.GetProperty("uuid").GetString()),
            after.GetProperty("Attribute").EnumerateArray().Select(one => one.GetProperty("uuid").GetString()));
        Assert.All(after.GetProperty("Attribute").EnumerateArray(), one => Assert.True(one.GetProperty("deleted").GetBoolean()));
        Assert.All(attributes, one => Assert.False(one.GetProperty("deleted").GetBoolean()));
        Assert.True(Attribute("ip-dst").GetProperty("to_ids").GetBoolean());
        Assert.False(Attribute("email-src").GetProperty("to_ids").GetBoolean());
        Assert.Equal("Payload delivery", Attribute("email-subject", "Overdue").GetProperty("category").GetString());
        Assert.Equal("External analysis", Attribute("link", "p42").GetProperty("category").GetString());

        JsonElement Attribute(string type, string part = "") => Assert.Single(
            attributes, one => one.GetProperty("type").GetString() == type && one.GetProperty("value").GetString()!.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_threat_becomes_a_misp_event_with_unique_attributes()
    {
        var random = new Randomness();
        for (var i = 0; i < 300; i++)
        {
            var one = Event(ThreatReader.Read(random.Threat()));
            string?[] uuids = [.. one.GetProperty("Attribute").EnumerateArray().Select(attribute => attribute.GetProperty("uuid").GetString())];
            Assert.True(uuids.Distinct().Count() == uuids.Length, $"seed {random.Seed}, round {i}");
        }
    }

    private static string List(IEnumerable<Indicator> indicators, IndicatorFilter? filter) =>
        Samples.Text(output => PlainListRenderer.Render(indicators, filter, output));

    private static JsonElement Event(Threat threat) =>
        JsonDocument.Parse(Samples.Text(output => new MispEventRenderer().Render(threat, output))).RootElement.GetProperty("Event");

    private static List<List<string>> Cells(string csv)
    {
        var rows = new List<List<string>>();
        for (var at = 0; at < csv.Length; at++)
        {
            var row = new List<string>();
            while (true)
            {
                var cell = "";
                if (csv[at] == '"')
                {
                    var start = ++at;
                    while (csv[at] != '"' || csv[at + 1] == '"')
                    {
                        at += csv[at] == '"' ? 2 : 1;
                    }

                    cell = csv[start..at++].Replace("\"\"", "\"", StringComparison.Ordinal);
                }
                else
                {
                    var start = at;
                    while (csv[at] is not (',' or '\n'))
                    {
                        at++;
                    }

                    cell = csv[start..at];
                }

                row.Add(cell);
                if (csv[at] == '\n')
                {
                    break;
                }

                at++;
            }

            rows.Add(row);
        }

        return rows;
    }
}
