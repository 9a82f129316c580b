using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>CEF lines; of a withdrawn threat the one event that says so.</summary>
internal sealed class CefThreatRenderer : IThreatRenderer
{
    private readonly CefRenderer _renderer = new();

    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        if (threat.Withdrawn)
        {
            CefWithdrawEvent.Render(threat.Id, threat.FirstPublished, output);
            return new RenderingResult(1, 0);
        }

        var result = _renderer.Render(threat, output);
        var leftOut = new LeftOutCounts();
        leftOut.Add(LeftOutReason.NoForm, result.EmailsLeftOut + result.OthersLeftOut);
        return RenderingResult.Of(result.Lines, leftOut);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new ConcatenatedDocument(this, output);
}
