using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The threat as received, compact, on one line. A withdrawn one says <c>"deleted":true</c> at its end.</summary>
internal sealed class JsonThreatRenderer : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        var json = CompactJson.Of(threat.Json).Span;
        if (threat.Withdrawn)
        {
            WriteWithdrawn(threat.Id, json, output);
        }
        else
        {
            output.Put(json);
        }

        output.Put("\n"u8);
        return new RenderingResult(1, 0);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new ConcatenatedDocument(this, output);

    // Of a threat that was never seen nothing is known but its key.
    private static void WriteWithdrawn(ThreatId id, ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        var mark = ",\"deleted\":true}"u8;
        if (json.Length > 2 && json[^1] == (byte)'}')
        {
            output.Put(json.EndsWith(mark) ? json[..^mark.Length] : json[..^1]);
        }
        else
        {
            output.Put("{\"id\":"u8);
            output.Put(id.Number);
            output.Put(id.Type == ThreatType.Malware ? ",\"threatType\":\"MALWARE\""u8 : ",\"threatType\":\"PHISH\""u8);
        }

        output.Put(mark);
    }
}
