using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Generation;

/// <summary>
/// Makes threats out of a seed and a number, always the same bytes. Nothing of a generated threat is kept but its parameters: its document is written
/// when it is asked for.
/// </summary>
internal sealed class ThreatGenerator(int seed)
{
    // Seven of ten threats are malware; which ones is fixed, so that the number of a threat within its product is known without counting.
    private const int Cycle = 10;
    private const int PhishPerCycle = 3;
    private const int MalwarePerCycle = Cycle - PhishPerCycle;

    private const long FirstMalware = 500_000;
    private const long FirstPhish = 8_900_000;
    private const int DatesStream = 1;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonWriterOptions Escaping = new() { SkipValidation = true };

    public static ThreatKey KeyOf(int index)
    {
        var ordinal = OrdinalOf(index, out var product);
        return product == ThreatProduct.Malware
            ? new ThreatKey(product, FirstMalware + ordinal)
            // Every third phish carries a number that is also a malware's.
            : new ThreatKey(product, ordinal % 3 == 0 ? FirstMalware + ordinal : FirstPhish + ordinal);
    }

    /// <summary>The dates of an initial threat: publications are spread evenly, a quarter was published again later, some exactly at midnight.</summary>
    public ThreatRecord Describe(int index, int count, DateTimeOffset from, DateTimeOffset to)
    {
        var begin = from.ToUnixTimeMilliseconds();
        var end = Math.Max(begin + 1, to.ToUnixTimeMilliseconds());
        var random = new SplitMix(seed, index, DatesStream);
        var share = (index + (random.Below(1000) / 1000.0)) / count;
        var first = begin + (long)((end - begin) * share);
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        var last = random.Below(97) switch
        {
            // Windows of whole days share this moment: whoever asks for both sees the threat twice.
            0 => (first / day * day) + day,
            < 25 => first + random.Below(20 * day),
            _ => first + random.Below(600_000L),
        };
        return new ThreatRecord(KeyOf(index), index, Revision: 0, first, Math.Max(first, Math.Min(last, end)), Document: null);
    }

    /// <summary>Writes the document of a threat as it is now.</summary>
    public void Write(ThreatRecord threat, IBufferWriter<byte> output)
    {
        if (threat.Document is { } document)
        {
            output.Write(document);
            return;
        }

        var ordinal = OrdinalOf(threat.Index, out var product);

        // Most answers hold plain UTF-8; some escape all that is not ASCII, and a reader must not care.
        using var writer = new Utf8JsonWriter(output, ordinal % 9 == 8 ? Escaping : Relaxed);
        if (product == ThreatProduct.Malware)
        {
            new MalwareDocument(writer, seed, threat, ordinal).Write();
        }
        else
        {
            new PhishDocument(writer, seed, threat, ordinal).Write();
        }
    }

    public byte[] Document(ThreatRecord threat)
    {
        if (threat.Document is { } document)
        {
            return document;
        }

        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        Write(threat, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static int OrdinalOf(int index, out ThreatProduct product)
    {
        (var cycle, var place) = Math.DivRem(index, Cycle);
        product = place is 2 or 5 or 8 ? ThreatProduct.Phish : ThreatProduct.Malware;
        return product == ThreatProduct.Phish
            ? (cycle * PhishPerCycle) + (place / 3)
            : (cycle * MalwarePerCycle) + place - ((place + 1) / 3);
    }
}
