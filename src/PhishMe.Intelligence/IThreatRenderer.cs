using System.Buffers;

namespace PhishMe.Intelligence;

/// <summary>Writes threats in one form, as UTF-8 without byte order mark and with LF. The same threats give the same bytes everywhere.</summary>
public interface IThreatRenderer
{
    /// <summary>Writes one threat so that it stands by itself; what is written ends with LF.</summary>
    /// <param name="threat">The threat; of a withdrawn one, what announces the withdrawal - nothing where the form has no word for it.</param>
    /// <param name="output">Takes the bytes.</param>
    /// <returns>What became of it.</returns>
    RenderingResult Render(Threat threat, IBufferWriter<byte> output);

    /// <summary>Begins a document of many threats: lines after lines, or one bundle around all of them.</summary>
    /// <param name="output">Takes the bytes, as they come.</param>
    /// <param name="continued">Whether it is written behind an earlier document, so that a header is not repeated.</param>
    /// <returns>The document.</returns>
    IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false);
}
