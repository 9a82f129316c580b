using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Rows of indicators. What was withdrawn has no rows any more.</summary>
internal sealed class CsvThreatRenderer(IndicatorFilter filter, bool keepFormulas) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        if (threat.Withdrawn)
        {
            return default;
        }

        var leftOut = new LeftOutCounts();
        return RenderingResult.Of(CsvRenderer.Render(threat, filter, output, keepFormulas, leftOut), leftOut);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false)
    {
        if (!continued)
        {
            CsvRenderer.RenderHeader(output);
        }

        return new ConcatenatedDocument(this, output);
    }
}
