using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Renders what a filter leaves of each threat. A threat of which nothing is left is not rendered.</summary>
internal sealed class FilteredThreatRenderer(IThreatRenderer renderer, ThreatFilter filter) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output) => Filtered(threat, filter, left => renderer.Render(left, output));

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new Document(renderer.Begin(output, continued), filter);

    private static RenderingResult Filtered(Threat threat, ThreatFilter filter, Func<Threat, RenderingResult> render)
    {
        ArgumentNullException.ThrowIfNull(threat);
        var leftOut = new LeftOutCounts();
        var result = filter.Apply(threat, leftOut) is Threat left ? render(left) : default;
        if (leftOut.Total == 0)
        {
            return result;
        }

        leftOut.Add(result.Reasons);
        return RenderingResult.Of(result.Units, leftOut);
    }

    private sealed class Document(IThreatDocument document, ThreatFilter filter) : IThreatDocument
    {
        public RenderingResult Add(Threat threat) => Filtered(threat, filter, document.Add);

        public void Complete() => document.Complete();
    }
}
