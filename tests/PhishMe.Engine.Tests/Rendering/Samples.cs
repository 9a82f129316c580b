using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>The invented documents of the format sheets, and every threat there is to test with.</summary>
internal static class Samples
{
    public static Threat MalwareA => ThreatReader.Read(Bytes("malware_a.json"));

    public static Threat MalwareB => ThreatReader.Read(Bytes("malware_b.json"));

    public static Threat PhishA => ThreatReader.Read(Bytes("phish_a.json"));

    public static Threat PhishB => ThreatReader.Read(Bytes("phish_b.json"));

    public static byte[] Bytes(string name)
    {
        using var stream = typeof(Samples).Assembly.GetManifestResourceStream("Rendering/" + name)
            ?? throw new InvalidOperationException($"No document {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Text as it leaves the program: no control character but tab and line breaks.</summary>
    public static string WithoutControls(string text) =>
        string.Concat(text.Select(c => (char.IsControl(c) && c is not ('\t' or '\r' or '\n')) || c is '\u2028' or '\u2029' ? '\uFFFD' : c));

    public static Threat Read(string json) => ThreatReader.Read(Encoding.UTF8.GetBytes(json));

    public static string Text(Action<IBufferWriter<byte>> render)
    {
        var output = new ArrayBufferWriter<byte>();
        render(output);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }

    /// <summary>The four invented threats; those of the fixtures too, where they are.</summary>
    public static IEnumerable<(string Name, Threat Threat)> All()
    {
        foreach (var name in (string[])["malware_a", "malware_b", "phish_a", "phish_b"])
        {
            yield return (name, ThreatReader.Read(Bytes(name + ".json")));
        }

        if (SharedMaterial.Root is null)
        {
            yield break;
        }

        foreach ((var name, var json) in SharedMaterial.Threats())
        {
            yield return (name, ThreatReader.Read(json));
        }

        foreach ((var name, var json) in SharedMaterial.Envelopes())
        {
            var index = 0;
            foreach (var threat in ThreatsOf(json))
            {
                yield return ($"{name}[{index++}]", ThreatReader.Read(threat));
            }
        }
    }

    /// <summary>How many generated threats a test of validity reads: 5000 for the acceptance run, fewer by default so that every test run has some.</summary>
    public static int GeneratedCount =>
        int.TryParse(Environment.GetEnvironmentVariable("PHISHME_GENERATED_THREATS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 500;

    /// <summary>Threats as the simulator makes them: the sizes, the drift and the odd values of real ones.</summary>
    public static async IAsyncEnumerable<(string Name, byte[] Json)> GeneratedAsync(int seed)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = GeneratedCount, Seed = seed }, TestContext.Current.CancellationToken);
        foreach ((var type, var id) in simulator.Threats)
        {
            yield return ($"generated {type} {id} of seed {seed}", simulator.Json(type, id).ToArray());
        }
    }

    public static IEnumerable<byte[]> ThreatsOf(byte[] envelope)
    {
        using var document = JsonDocument.Parse(envelope);
        foreach (var threat in document.RootElement.GetProperty("data").GetProperty("threats").EnumerateArray())
        {
            yield return JsonMarshal.GetRawUtf8Value(threat).ToArray();
        }
    }
}
