using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Imports of ThreatStream, which an analyst approves: forms with the values as text, and one indicator type for each kind of value.</summary>
internal static class AnomaliImport
{
    private const string Boundary = "phishme-7f3a9c51d2e84b06";

    /// <summary>The calls for some observables: as many as there are different types, confidences, severities, ends and tags.</summary>
    /// <param name="observables">The observables.</param>
    /// <param name="classification"><c>private</c> or <c>public</c>.</param>
    /// <param name="trustedCircles">Numbers of the circles to share with.</param>
    public static IEnumerable<HttpCall> Of(IReadOnlyList<JsonElement> observables, string classification, IReadOnlyList<int> trustedCircles) =>
        observables.GroupBy(FactsOf).Select(group => Call([.. group], classification, trustedCircles));

    private static (string Key, string? Itype, int? Confidence, string? Severity, string? End, string Tags) FactsOf(JsonElement observable) => (
        AnomaliObservables.KeyOf(observable), observable.Text("itype"), observable.Number("confidence"), observable.Text("severity"), observable.Text("expiration_ts"),
        observable.GetProperty("tags").GetRawText());

    private static HttpCall Call(JsonElement[] observables, string classification, IReadOnlyList<int> trustedCircles)
    {
        var (key, itype, confidence, severity, end, tags) = FactsOf(observables[0]);
        var body = new ArrayBufferWriter<byte>();
        Add("datatext", string.Join('\n', observables.Select(AnomaliObservables.ValueOf)));
        Add("classification", classification);
        Add("confidence", confidence?.ToString(CultureInfo.InvariantCulture));
        Add("severity", severity);
        Add($"{(key == "srcip" ? "ip" : key)}_mapping", itype);
        Add("expiration_ts", end);
        Add("tags", tags);
        Add("trustedcircles", trustedCircles.Count == 0 ? null : string.Join(',', trustedCircles));
        body.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return HttpCall.Post("/api/v1/intelligence/import/", body.WrittenMemory, $"multipart/form-data; boundary={Boundary}") with { IsRepeatable = false };

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
            }
        }
    }
}
