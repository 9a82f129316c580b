using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Rows of indicators. What was withdrawn is no longer told.</summary>
internal sealed class CsvThreatRenderer(IndicatorFilter filter) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return threat.Withdrawn ? default : new RenderingResult(CsvRenderer.Render(threat, filter, output), 0);
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
