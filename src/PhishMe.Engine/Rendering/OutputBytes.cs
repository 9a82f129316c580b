using System.Buffers;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The last step from a rendition to the bytes of a file: line ends and the layout of the original.</summary>
internal static class OutputBytes
{
    private static readonly byte[] LineFeed = "\n"u8.ToArray();

    /// <summary>JSON: one compact object per line. CEF: whole lines. STIX: the package and one line feed.</summary>
    public static void AddForAppend(List<ReadOnlyMemory<byte>> parts, ReadOnlyMemory<byte> bytes, OutputSettings settings, bool isCompact = false)
    {
        parts.Add(settings switch
        {
            { Format: OutputFormat.Json, Layout: OutputLayout.Legacy } => Legacy(bytes),
            { Format: OutputFormat.Json } when !isCompact => CompactJson.Of(bytes),
            _ => bytes,
        });
        if (settings.Format != OutputFormat.Cef)
        {
            parts.Add(LineFeed);
        }
    }

    /// <summary>As received; in the legacy layout JSON as the original printed it.</summary>
    public static ReadOnlyMemory<byte> ForFile(ReadOnlyMemory<byte> bytes, OutputSettings settings) =>
        settings is { Format: OutputFormat.Json, Layout: OutputLayout.Legacy } && !bytes.IsEmpty ? Legacy(bytes) : bytes;

    /// <summary>How a stream is told that a threat was taken back; empty for STIX 1.1.1, which has no word for it.</summary>
    public static ReadOnlyMemory<byte> Withdrawal(OutputFormat format, ThreatId id, long? firstPublished)
    {
        var output = new ArrayBufferWriter<byte>();
        switch (format)
        {
            case OutputFormat.Json:
                output.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant(
                    $$"""{"id":{{id.Number}},"threatType":"{{ThreatTypes.UpperWord(id.Type)}}","deleted":true}""")));
                output.Write(LineFeed);
                break;
            case OutputFormat.Cef:
                CefWithdrawEvent.Render(id, firstPublished is long date ? DateTimeOffset.FromUnixTimeMilliseconds(date) : null, output);
                break;
        }

        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Legacy(ReadOnlyMemory<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length * 2);
        LegacyJsonRenderer.Render(bytes, output);
        return output.WrittenMemory;
    }
}
