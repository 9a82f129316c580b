using System.Buffers;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class DamagedInputTests
{
    private const int Rounds = 5000;

    [Fact]
    public void A_damaged_threat_is_read_and_rendered_or_refused_with_a_fault()
    {
        var random = new Randomness();
        byte[][] documents = [.. Samples.All().Select(sample => sample.Threat.Json.ToArray()).Where(json => json.Length < 12_000)];
        var output = new ArrayBufferWriter<byte>();
        var read = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var json = random.Damage(random.OneIn(2) ? random.Threat() : random.Of(documents));
            try
            {
                var threat = ThreatReader.Read(json);
                read++;
                output.ResetWrittenCount();
                new CefRenderer().Render(threat, output);
                new StixPackageRenderer().Render(threat, output);
                new StixBundleRenderer().Render(threat, output);
                new MispEventRenderer().Render(threat, output);
                CsvRenderer.Render(threat, IndicatorFilter.Everything, output);
                PlainListRenderer.Render(threat.Indicators, IndicatorFilter.Everything, output);
                LegacyJsonRenderer.Render(threat.Json, output);
            }
            catch (PhishMeException error) when (error.Fault.Kind == Faults.ApiAnswerInvalid)
            {
                // Refused, as it should be.
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {random.Seed}, round {i}: {error}\n{Convert.ToBase64String(json)}");
            }
        }

        Assert.True(read > Rounds / 20, $"only {read} were readable: the damage is too heavy to test anything");
    }

    [Fact]
    public void A_damaged_CEF_answer_loses_no_line()
    {
        var random = new Randomness();
        var document = Samples.Bytes("lines.cef");
        for (var i = 0; i < Rounds; i++)
        {
            var body = random.Damage(document);
            var read = CefLineReader.GroupByThreat(body);

            var expected = 0;
            foreach (var range in body.AsSpan().SplitAny((byte)'\r', (byte)'\n'))
            {
                expected += body.AsSpan(range).ContainsAnyExcept((byte)' ', (byte)'\t') ? 1 : 0;
            }

            Assert.True(read.Strays.Count + read.Threats.Sum(threat => threat.Lines.Count) == expected, $"seed {random.Seed}, round {i}");
            Assert.All(read.Strays, stray => Assert.NotNull(stray.Fault));
        }
    }

    [Fact]
    public void A_damaged_package_is_an_answer_and_no_exception()
    {
        var random = new Randomness();
        byte[][] documents = [Samples.Bytes("malware_a.stix.xml"), Samples.Bytes("phish_a.stix.xml")];
        var bad = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var package = random.Damage(random.Of(documents));
            var info = StixPackageReader.Read(package);
            bad += info.IsWellFormed ? 0 : 1;
            Assert.True(info.IsWellFormed || info.Error!.Length > 0, $"seed {random.Seed}, round {i}");
        }

        Assert.InRange(bad, Rounds / 10, Rounds);
    }
}
