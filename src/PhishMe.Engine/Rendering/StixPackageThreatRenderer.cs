using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>STIX 1.1.1 packages one after another. The format has no word for a withdrawn threat: nothing is written of it.</summary>
internal sealed class StixPackageThreatRenderer : IThreatRenderer
{
    private readonly StixPackageRenderer _renderer = new();

    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        if (threat.Withdrawn)
        {
            return default;
        }

        var leftOut = new LeftOutCounts();
        leftOut.Add(LeftOutReason.NoForm, _renderer.Render(threat, output));
        return RenderingResult.Of(1, leftOut);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new ConcatenatedDocument(this, output);
}
