using System.Buffers;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The threat as received, compact, on one line. A withdrawn one says <c>"deleted":true</c> at its end.</summary>
internal sealed class JsonThreatRenderer : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        if (!threat.Withdrawn)
        {
            output.Put(CompactJson.Of(threat.Json).Span);
        }
        else if (threat.Json.IsEmpty)
        {
            // Of a threat that was never seen nothing is known but its key.
            output.Put("{\"id\":"u8);
            output.Put(threat.Id.Number);
            output.Put(",\"threatType\":\""u8);
            output.Put(ThreatTypes.UpperWord(threat.Type));
            output.Put("\",\"deleted\":true}"u8);
        }
        else
        {
            WithdrawnJson.Write(CompactJson.Of(threat.Json).Span, output);
        }

        output.Put("\n"u8);
        return new RenderingResult(1, 0);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new ConcatenatedDocument(this, output);
}
