using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>All CEF lines of a threat as one rendition: byte for byte but for control characters, each line ended by LF, no blank lines.</summary>
internal static class CefRendition
{
    /// <param name="lines">Slices of the answer. None at all is right for a threat without an indicator that CEF knows.</param>
    public static Rendition Of(IReadOnlyCollection<ReadOnlyMemory<byte>> lines)
    {
        // Receivers of syslog end a record at NUL, and what stands behind it would be an event of its own; a terminal obeys ESC.
        lines = [.. lines.Select(ControlCharacters.Replace)];
        var bytes = new byte[lines.Sum(line => line.Length + 1)];
        var at = 0;
        foreach (var line in lines)
        {
            line.Span.CopyTo(bytes.AsSpan(at));
            at += line.Length;
            bytes[at++] = (byte)'\n';
        }

        return new Rendition(bytes, ContentHash.Of(bytes));
    }

    /// <summary>The threats of a window that are of these products, each once.</summary>
    public static IReadOnlyList<ThreatUnit> UnitsOf(IEnumerable<CefThreat> threats, IReadOnlySet<ThreatType> products) =>
    [
        .. threats.Where(threat => products.Contains(threat.Id.Type)).DistinctBy(threat => threat.Id).Select(threat => new ThreatUnit
        {
            Id = threat.Id,
            FirstPublished = threat.FirstPublished?.ToUnixTimeMilliseconds(),
            Cef = Of(threat.Lines),
        }),
    ];
}
