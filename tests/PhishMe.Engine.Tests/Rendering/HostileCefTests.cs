using System.Buffers;
using System.Text;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Whatever an attacker writes into a threat, a receiver that knows only the specification gets it back, one record per event and no key of his.</summary>
public sealed class HostileCefTests
{
    private static readonly string[] _keys =
    [
        "cat", "externalId", "deviceCustomDate1", "deviceCustomDate1Label", "dst", "dhost", "fname", "fileHash",
        .. Enumerable.Range(1, 6).SelectMany(number => (string[])[$"cs{number}", $"cs{number}Label"]),
    ];

    [Theory]
    [InlineData(" externalId=1 dst=192.0.2.1")]
    [InlineData("\nCEF:0|V|P|1|x|y|0|dst=192.0.2.1")]
    [InlineData("\r\nCEF:0|V|P|1|x|y|0|dst=192.0.2.1")]
    [InlineData("a\u0000<29>CEF:0|V|P|1|x|y|0|dst=192.0.2.1")]
    [InlineData("a\\")]
    [InlineData("a\\\\ dst=192.0.2.1")]
    [InlineData("\\=")]
    [InlineData("=\\=")]
    [InlineData("a|b\\|c")]
    [InlineData("a\u2028CEF:0|\u2029b\u0085c")]
    [InlineData("a\u001B[2J\u009Bb\u0007")]
    [InlineData("  two  blanks  ")]
    [InlineData("\\n is no line end\n but this is")]
    [InlineData("\u0001\u001F\u007F")]
    [InlineData("cs1Label=x cs1=y")]
    [InlineData("支払い通知=\uD83D\uDE00|")]
    public void A_hostile_value_is_decoded_in_every_field(string hostile)
    {
        foreach (var threat in Threats(hostile, hostile, hostile, hostile))
        {
            AssertDecoded(threat, hostile, hostile);
        }
    }

    [Fact]
    public void Random_hostile_values_are_decoded()
    {
        var random = new Randomness();
        for (var i = 0; i < 1500; i++)
        {
            foreach (var threat in Threats(random.Nasty(), random.Nasty(), random.Nasty(), random.Nasty()))
            {
                // Three pieces at most: a vendor of more than 63 characters is cut.
                AssertDecoded(threat, "V" + random.Nasty(3), $"seed {random.Seed}, round {i}");
            }
        }
    }

    [Fact]
    public void All_samples_and_random_threats_are_decoded_and_nothing_is_added_or_lost()
    {
        var random = new Randomness();
        foreach (var threat in Enumerable.Range(0, 600).Select(_ => ThreatReader.Read(random.Threat())).Concat(Samples.All().Select(sample => sample.Threat)))
        {
            var output = new ArrayBufferWriter<byte>();
            var result = new CefRenderer().Render(threat, output);

            var events = CefReader.Read(output.WrittenSpan);

            Assert.Equal(result.Lines, events.Count);
            Assert.All(events, one => Assert.Empty(one.Extension.Keys.Except(_keys)));
            Assert.All(events, one => Assert.Equal($"{threat.Id.Number}", one.Extension["externalId"]));
        }
    }

    [Fact]
    public void What_the_api_rendered_stays_one_record_for_each_line()
    {
        var random = new Randomness();
        for (var i = 0; i < 500; i++)
        {
            // The API escapes what CEF asks for, and nothing else.
            var value = random.Nasty().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal)
                .Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            var line = $"CEF:0|PhishMe|Intelligence|1.0|a|b|5|externalId=1 cs4Label=x cs4=a{value}b";

            var events = CefReader.Read(CefRendition.Of([Encoding.UTF8.GetBytes(line)]).Bytes.Span);

            Assert.Equal("1", Assert.Single(events).Extension["externalId"]);
        }
    }

    private static IEnumerable<Threat> Threats(string value, string family, string role, string other)
    {
        var id = new ThreatId(ThreatType.Malware, 4711);
        foreach (var kind in (IndicatorKind[])[IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.IPv4])
        {
            yield return new Threat
            {
                Id = id,
                Brands = [other],
                ThreatDetailUri = value,
                ReportUri = other,
                HasReport = true,
                Indicators = [new Indicator { ThreatId = id, Kind = kind, Value = value, Family = family, Role = role, Source = IndicatorSource.WatchList, Impact = Impact.Major }],
            };
        }

        yield return new Threat { Id = id, Brands = [other], ThreatDetailUri = value, Files = [new ThreatFile { FileName = value, Family = family, Hashes = new FileHashes { Md5 = new string('a', 32) } }] };
        yield return new Threat
        {
            Id = new ThreatId(ThreatType.Phish, 4711),
            Brands = [other],
            ThreatDetailUri = role,
            ScreenshotUri = family,
            PhishingUrl = new ThreatUrl { Url = value, Host = family, Domain = role },
        };
    }

    private static void AssertDecoded(Threat threat, string vendor, string message)
    {
        var output = new ArrayBufferWriter<byte>();
        new CefRenderer(vendor).Render(threat, output);

        var one = Assert.Single(CefReader.Read(output.WrittenSpan));

        Assert.Equal(Samples.WithoutControls(vendor.Trim()).Replace('\n', ' ').Replace('\r', ' '), one.Header[1]);
        Assert.Equal(("0", "1.0"), (one.Header[0], one.Header[3]));
        Assert.Empty(one.Extension.Keys.Except(_keys));
        Same("externalId", "4711");
        Same("cs2", string.Join(", ", threat.Brands));
        Same("cs5", threat.ThreatDetailUri);
        if (threat.PhishingUrl is ThreatUrl page)
        {
            Same("cs3", page.Domain);
            Same("cs4", page.Url);
            Same("cs6", threat.ScreenshotUri);
        }
        else if (threat.Files.Count > 0)
        {
            Same("fname", threat.Files[0].FileName);
            Same("cs1", threat.Files[0].Family);
        }
        else
        {
            Same("cs1", threat.Indicators[0].Family);
            Same("cs3", threat.Indicators[0].Role);
            Same("cs4", threat.Indicators[0].Value);
            Same("cs6", threat.ReportUri);
        }

        void Same(string key, string? value) =>
            Assert.True((one.Extension.GetValueOrDefault(key) ?? string.Empty) == Samples.WithoutControls(value?.Trim(' ') ?? string.Empty), $"{key}: {message}");
    }
}
