using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>MISP events: one object per threat, or a <c>response</c> around all threats of a document, which the import of MISP takes.</summary>
internal sealed class MispThreatRenderer(MispEventOptions options) : IThreatRenderer
{
    private readonly MispEventRenderer _renderer = new(options);

    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        var leftOut = new LeftOutCounts();
        _renderer.Render(threat, output, leftOut);
        output.Put("\n"u8);
        return RenderingResult.Of(1, leftOut);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new Response(_renderer, output);

    private sealed class Response(MispEventRenderer renderer, IBufferWriter<byte> output) : IThreatDocument
    {
        private bool _begun;

        public RenderingResult Add(Threat threat)
        {
            output.Put(_begun ? ",\n"u8 : "{\"response\":[\n"u8);
            _begun = true;
            var leftOut = new LeftOutCounts();
            renderer.Render(threat, output, leftOut);
            return RenderingResult.Of(1, leftOut);
        }

        public void Complete() => output.Put(_begun ? "\n]}\n"u8 : "{\"response\":[]}\n"u8);
    }
}
