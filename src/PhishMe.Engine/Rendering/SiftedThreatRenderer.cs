using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Renders what a sieve leaves of each threat; nothing of a threat of which nothing is left.</summary>
internal sealed class SiftedThreatRenderer(IThreatRenderer renderer, ThreatSieve sieve) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return sieve.Sift(threat) is Threat left ? renderer.Render(left, output) : default;
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new Document(renderer.Begin(output, continued), sieve);

    private sealed class Document(IThreatDocument document, ThreatSieve sieve) : IThreatDocument
    {
        public RenderingResult Add(Threat threat)
        {
            ArgumentNullException.ThrowIfNull(threat);
            return sieve.Sift(threat) is Threat left ? document.Add(left) : default;
        }

        public void Complete() => document.Complete();
    }
}
