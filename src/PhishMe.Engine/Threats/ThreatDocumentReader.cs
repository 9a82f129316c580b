using System.Text.Json;

namespace PhishMe.Engine.Threats;

/// <summary>Reads a threat as it is kept: what an index of it needs, without a document tree.</summary>
internal static class ThreatDocumentReader
{
    /// <summary>Reads one bare threat object, as it stands in a raw file or in the store; null when it is not a threat.</summary>
    public static ThreatDocument? Read(ReadOnlyMemory<byte> json)
    {
        var length = json.Span.TrimEnd(" \t\r\n"u8).Length;
        var collector = new ThreatCollector(json, isStrict: true);
        try
        {
            if (length > 0)
            {
                collector.AddDetail(0, length);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return collector.Threats is [ThreatDocument threat] ? threat : null;
    }
}
