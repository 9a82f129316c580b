using System.Buffers;
using System.Text;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class CefRendererTests
{
    private static readonly string[] _documented = Encoding.UTF8.GetString(Samples.Bytes("lines.cef")).TrimEnd('\n').Split('\n');

    [Fact]
    public void The_documented_lines_of_a_malware_threat_come_out_exactly()
    {
        var lines = Lines(Samples.MalwareA, out var result);

        Assert.Equal(_documented[0], lines[0]);
        Assert.Equal(_documented[1], lines[1]);
        Assert.Equal(_documented[2], lines[2]);
        Assert.Equal(_documented[3], lines[4]);
        Assert.Equal(new CefResult(Lines: 6, EmailsLeftOut: 1, OthersLeftOut: 0), result);
    }

    [Fact]
    public void The_documented_line_of_a_phish_comes_out_exactly()
    {
        var lines = Lines(Samples.PhishA, out var result);

        Assert.Equal([_documented[4]], lines);
        Assert.Equal(1, result.Lines);
    }

    [Fact]
    public void Keys_without_a_value_are_left_out_with_their_labels() => Assert.Equal(
        [
            "CEF:0|PhishMe|Intelligence|1.0|watchlist_ip|Watchlist IP|4|cat=Minor externalId=900102 deviceCustomDate1=1750843799004 "
            + "deviceCustomDate1Label=First Published dst=192.0.2.88 cs1Label=Malware Family cs1=Demo RAT cs3Label=Infrastructure Type cs3=C2 "
            + @"cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900102",
            "CEF:0|PhishMe|Intelligence|1.0|malicious_file|Malicious File|10|cat=Major externalId=900102 deviceCustomDate1=1750843799004 "
            + "deviceCustomDate1Label=First Published fname=支払い通知.exe fileHash=32ddd67e04b4a12e19575e12ee09ed83 cs1Label=Malware Family cs1=Demo RAT "
            + @"cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900102",
        ],
        Lines(Samples.MalwareB, out _));

    [Fact]
    public void A_phish_on_an_address_has_that_as_destination_and_no_host_name() => Assert.Equal(
        [
            "CEF:0|PhishMe|Brand Intelligence|1.0|phish_confirmed|Phish Confirmed|10|externalId=8800002 deviceCustomDate1=1750834710000 "
            + "deviceCustomDate1Label=First Seen dst=192.0.2.10 cs2Label=Brand cs2=Generic Threat cs4Label=Phishing URL cs4=http://192.0.2.10/mail/ "
            + @"cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?p\=8800002",
        ],
        Lines(Samples.PhishB, out _));

    [Fact]
    public void The_vendor_can_be_another() =>
        Assert.StartsWith(@"CEF:0|Co\\fen\|se |Intelligence|1.0|", Samples.Text(output => new CefRenderer("Co\\fen|se\nx").Render(Samples.MalwareB, output)).Replace("x|", "|", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void A_withdrawn_threat_is_one_event()
    {
        var first = DateTimeOffset.FromUnixTimeMilliseconds(1750766401337);

        Assert.Equal(
            "CEF:0|PhishMe|Intelligence|1.0|threat_withdrawn|Threat Withdrawn|0|cat=Withdrawn externalId=900050 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published\n",
            Samples.Text(output => CefWithdrawEvent.Render(new ThreatId(ThreatType.Malware, 900050), first, output)));
        Assert.Equal(
            "CEF:0|PhishMe|Brand Intelligence|1.0|threat_withdrawn|Threat Withdrawn|0|cat=Withdrawn externalId=7\n",
            Samples.Text(output => CefWithdrawEvent.Render(new ThreatId(ThreatType.Phish, 7), null, output)));
    }

    [Fact]
    public void Long_values_are_cut_at_the_limit_but_never_inside_an_escape_or_a_surrogate_pair()
    {
        foreach (var unit in (string[])["x", "=", "\\", "\n", "😀", "x=", "x😀", "ab😀="])
        {
            var name = new StringBuilder();
            while (name.Length < 3000)
            {
                name.Append(unit);
            }

            foreach (var start in (string[])["", "y", "yy"])
            {
                var written = Value(start + name);
                Assert.InRange(written.Length, 1020, 1023);
                Assert.DoesNotContain('\uFFFD', written);
                Assert.StartsWith(Unescape(written), start + name, StringComparison.Ordinal);
            }
        }

        static string Value(string name)
        {
            var threat = new Threat { Id = new ThreatId(ThreatType.Malware, 1), Files = [new ThreatFile { FileName = name, Hashes = new FileHashes { Md5 = "d41d8cd98f00b204e9800998ecf8427e" } }] };
            var line = Lines(threat, out _)[0];
            var start = line.IndexOf("fname=", StringComparison.Ordinal) + 6;
            return line[start..line.IndexOf(" fileHash=", StringComparison.Ordinal)];
        }
    }

    [Fact]
    public void Whatever_the_values_hold_a_reader_gets_them_back()
    {
        var random = new Randomness();
        for (var i = 0; i < 3000; i++)
        {
            string family = random.Nasty(), brand = random.Nasty(), name = random.Nasty();
            var threat = new Threat
            {
                Id = new ThreatId(ThreatType.Malware, 4711),
                Brands = [brand],
                Files = [new ThreatFile { FileName = name, Family = family, Hashes = new FileHashes { Md5 = "d41d8cd98f00b204e9800998ecf8427e" } }],
            };
            var lines = Lines(threat, out _);
            var message = $"seed {random.Seed}, round {i}: {lines[0]}";

            Assert.True(lines.Length == 1, message);
            var pairs = Pairs(lines[0]);
            Same(family, "cs1");
            Same(brand, "cs2");
            Same(name, "fname");
            Assert.True(pairs["externalId"] == "4711", message);

            void Same(string value, string key) => Assert.True((pairs.GetValueOrDefault(key) ?? "") == Samples.WithoutControls(value.Trim(' ')), $"{key}: {message}");
        }
    }

    [Fact]
    public void What_is_rendered_is_read_back_as_the_same_threat()
    {
        var random = new Randomness();
        for (var i = 0; i < 500; i++)
        {
            var threat = ThreatReader.Read(random.Threat());
            var output = new ArrayBufferWriter<byte>();
            var result = new CefRenderer().Render(threat, output);

            var read = CefLineReader.GroupByThreat(output.WrittenMemory);

            var message = $"seed {random.Seed}, round {i}";
            Assert.True(read.Strays.Count == 0, message);
            Assert.True(read.Threats.Sum(one => one.Lines.Count) == result.Lines, message);
            Assert.All(read.Threats, one => Assert.Equal(threat.Id, one.Id));
            Assert.All(read.Threats, one => Assert.Equal(threat.FirstPublished, one.FirstPublished));
        }
    }

    private static string[] Lines(Threat threat, out CefResult result)
    {
        CefResult counted = default;
        var text = Samples.Text(output => counted = new CefRenderer().Render(threat, output));
        result = counted;
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text[..^1].Split('\n');
    }

    // A reader of our own, written from the rules and not from the renderer: a value ends before the next ' key=' whose '=' is not escaped.
    private static Dictionary<string, string> Pairs(string line)
    {
        var at = 0;
        for (var pipes = 0; pipes < 7; at++)
        {
            pipes += line[at] == '|' ? 1 : 0;
        }

        var pairs = new Dictionary<string, string>();
        var extension = line[at..];
        string? key = null;
        var start = 0;
        for (var i = 0; i <= extension.Length; i++)
        {
            if (i < extension.Length && extension[i] == '\\')
            {
                i++;
                continue;
            }

            if (i == extension.Length || extension[i] == '=')
            {
                var begin = i;
                while (i < extension.Length && begin > start && char.IsAsciiLetterOrDigit(extension[begin - 1]))
                {
                    begin--;
                }

                if (key is not null)
                {
                    pairs.Add(key, Unescape(extension[start..(i == extension.Length ? i : begin - 1)]));
                }

                key = i < extension.Length ? extension[begin..i] : null;
                start = i + 1;
            }
        }

        return pairs;
    }

    private static string Unescape(string written)
    {
        var text = new StringBuilder();
        for (var i = 0; i < written.Length; i++)
        {
            var c = written[i];
            if (c == '\\')
            {
                c = written[++i] switch { 'n' => '\n', 'r' => '\r', '\\' => '\\', '=' => '=', char other => throw new FormatException($"\\{other}") };
            }

            text.Append(c);
        }

        return text.ToString();
    }
}
