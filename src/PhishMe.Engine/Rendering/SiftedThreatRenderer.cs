using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Renders what a sieve leaves of each threat; nothing of a threat of which nothing is left.</summary>
internal sealed class SiftedThreatRenderer(IThreatRenderer renderer, ThreatSieve sieve) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output) => Sifted(threat, sieve, left => renderer.Render(left, output));

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new Document(renderer.Begin(output, continued), sieve);

    private static RenderingResult Sifted(Threat threat, ThreatSieve sieve, Func<Threat, RenderingResult> render)
    {
        ArgumentNullException.ThrowIfNull(threat);
        var leftOut = new LeftOutCounts();
        var result = sieve.Sift(threat, leftOut) is Threat left ? render(left) : default;
        if (leftOut.Total == 0)
        {
            return result;
        }

        leftOut.Add(result.Reasons);
        return RenderingResult.Of(result.Units, leftOut);
    }

    private sealed class Document(IThreatDocument document, ThreatSieve sieve) : IThreatDocument
    {
        public RenderingResult Add(Threat threat) => Sifted(threat, sieve, document.Add);

        public void Complete() => document.Complete();
    }
}
