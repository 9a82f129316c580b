using PhishMe.Engine.Api;

namespace PhishMe.Engine.Sync;

/// <summary>All CEF lines of a threat as one rendition: byte for byte, each line ended by LF, no blank lines.</summary>
internal static class CefRendition
{
    /// <param name="lines">Slices of the answer. None at all is right for a threat without an indicator that CEF knows.</param>
    public static Rendition Of(IReadOnlyCollection<ReadOnlyMemory<byte>> lines)
    {
        byte[] bytes = new byte[lines.Sum(line => line.Length + 1)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            line.Span.CopyTo(bytes.AsSpan(at));
            at += line.Length;
            bytes[at++] = (byte)'\n';
        }

        return new Rendition(bytes, ContentHash.Of(bytes));
    }
}
