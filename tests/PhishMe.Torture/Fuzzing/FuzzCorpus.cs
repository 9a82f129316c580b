using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Simulator;

namespace PhishMe.Torture.Fuzzing;

/// <summary>What the mutations start from: real samples where the shared folder is there, and what the simulator serves.</summary>
internal static class FuzzCorpus
{
    /// <summary>Larger samples only make the fuzzer slow.</summary>
    private const int LargestSample = 24 * 1024;

    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<byte[]>>> LoadAsync(string? fixtures)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 });
        string[] ids = [.. simulator.Threats.Select(threat => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}"))];
        byte[][] threats = [.. ids.Select(id => simulator.Json(id).ToArray()), .. Files(fixtures, "threats")];
        byte[][] envelopes = [.. Files(fixtures, "envelopes"), .. threats.Select(Envelope)];
        using var sample = new StringWriter { NewLine = "\n" };
        ConfigurationSample.Write(sample, ProductCatalogue.Schema);
        return new Dictionary<string, IReadOnlyList<byte[]>>
        {
            ["ini"] =
            [
                Encoding.UTF8.GetBytes(sample.ToString())[..8192],
                "[pm_api]\r\nuser = a\r\npass : b\r\nposition = \r\n\r\n[integration_raw_json]\r\nuse = True\r\n"u8.ToArray(),
                "; note\n[DEFAULT]\nx = 1\n[pm_api]\n  position = abc\n     def\n # c\n     ghi\nuser=\n[pm_api]\nposition=2\n"u8.ToArray(),
            ],
            ["json"] = Fitting(threats),
            ["search"] = Fitting(envelopes),
            ["changelog"] =
            [
                """{"success":true,"data":{"changelog":[{"threatId":1,"threatType":"malware","deleted":false,"occurredOn":1},{"threatId":"2","threatType":"phish","deleted":true}],"nextPosition":"00112233-4455-6677-8899-aabbccddeeff"}}"""u8.ToArray(),
                .. Fitting([.. Files(fixtures, "envelopes")]),
            ],
            ["cef"] = Fitting([.. ids.Select(id => Encoding.UTF8.GetBytes(simulator.Cef(id))).Where(lines => lines.Length > 0)]),
            ["stix"] = Fitting([.. ids.Select(id => Encoding.UTF8.GetBytes(simulator.Stix(id)))]),
        };
    }

    private static byte[] Envelope(byte[] threat) =>
        [.. """{"success":true,"data":{"page":{"currentPage":0,"totalPages":1,"totalElements":2},"threats":["""u8, .. threat, .. ","u8, .. threat, .. "]}}"u8];

    private static List<byte[]> Fitting(IReadOnlyCollection<byte[]> samples)
    {
        List<byte[]> fitting = [.. samples.Where(sample => sample.Length <= LargestSample)];
        return fitting.Count > 0 ? fitting : [.. samples.Select(sample => sample[..Math.Min(sample.Length, LargestSample)])];
    }

    private static IEnumerable<byte[]> Files(string? fixtures, string folder) =>
        fixtures is not null && Directory.Exists(Path.Combine(fixtures, folder))
            ? Directory.EnumerateFiles(Path.Combine(fixtures, folder), "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            : [];
}
