using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>A document that is nothing but its threats, one after another.</summary>
internal sealed class ConcatenatedDocument(IThreatRenderer renderer, IBufferWriter<byte> output) : IThreatDocument
{
    public RenderingResult Add(Threat threat) => renderer.Render(threat, output);

    public void Complete()
    {
    }
}
