using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The event that tells a CEF stream that a threat was taken back. The class is ours: the feed has none for it.</summary>
internal static class CefWithdrawEvent
{
    /// <summary>Writes the event, ended by LF.</summary>
    /// <param name="id">The threat.</param>
    /// <param name="firstPublished">Its first publication; null when unknown, the date is then left out.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <param name="vendor">The device vendor of the header.</param>
    public static void Render(ThreatId id, DateTimeOffset? firstPublished, IBufferWriter<byte> output, string vendor = CefRenderer.DefaultVendor)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Put("CEF:0|"u8);
        CefEncoding.PutHeaderField(output, vendor, CefEncoding.VendorLimit);
        output.Put("|"u8);
        output.Put(CefRenderer.ProductOf(id.Type));
        output.Put("|1.0|threat_withdrawn|Threat Withdrawn|0|cat=Withdrawn externalId="u8);
        output.Put(id.Number);
        if (firstPublished is { } first)
        {
            output.Put(" deviceCustomDate1="u8);
            output.Put(first.ToUnixTimeMilliseconds());
            output.Put(" deviceCustomDate1Label=First Published"u8);
        }

        output.Put("\n"u8);
    }
}
