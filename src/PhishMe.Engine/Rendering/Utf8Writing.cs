using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Rendering;

/// <summary>Writes text as UTF-8 into a buffer without strings in between. Half surrogate pairs become U+FFFD.</summary>
internal static class Utf8Writing
{
    public static void Put(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8) => output.Write(utf8);

    public static void Put(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        // The encoder of Encoding.UTF8 goes through an Encoder object for every call on a buffer; one span is enough here.
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    public static void Put(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public static void Put(this IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    /// <summary><c>yyyy-MM-ddTHH:mm:ss.fffZ</c>, the one form of time in everything that is rendered.</summary>
    public static void PutTime(this IBufferWriter<byte> output, DateTimeOffset time)
    {
        time.UtcDateTime.TryFormat(output.GetSpan(24), out var written, TimeFormat, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
}
