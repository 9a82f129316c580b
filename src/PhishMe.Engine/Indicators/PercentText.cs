using System.Buffers;
using System.Text;

namespace PhishMe.Engine.Indicators;

/// <summary>Percent-encoding (RFC 3986, 2.1).</summary>
internal static class PercentText
{
    private static readonly SearchValues<byte> _unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    /// <summary>What no browser sends as it is: it is encoded on the way.</summary>
    private static readonly SearchValues<byte> _encoded = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => b is <= 0x20 or >= 0x7F || "\"<>`{}|^\\"u8.Contains(b))]);

    /// <summary>Decodes every escape in a text of UTF-8. Broken escapes stay.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">Gets the bytes; at least as long as the text.</param>
    /// <returns>How many there are; as many as the text has when nothing was encoded.</returns>
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var mark = text.IndexOf((byte)'%');
            if (mark < 0)
            {
                text.CopyTo(target[written..]);
                return written + text.Length;
            }

            text[..mark].CopyTo(target[written..]);
            written += mark;
            text = text[mark..];
            var taken = TryReadEscape(text, out var value) ? 3 : 1;
            target[written++] = taken == 3 ? value : (byte)'%';
            text = text[taken..];
        }
    }

    /// <summary>The same for a string; bytes that are no UTF-8 become replacement characters.</summary>
    public static string Decode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetString(bytes, 0, Decode(bytes, bytes));
    }

    /// <summary>Whether a text begins with an escape.</summary>
    public static bool TryReadEscape(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        if (text.Length < 3 || text[0] != '%' || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2]))
        {
            return false;
        }

        value = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
        return true;

        static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;
    }

    /// <summary>
    /// One spelling of path, query and fragment: what needs no encoding is not encoded (RFC 3986, 6.2.2.2), what browsers encode is, in upper case.
    /// </summary>
    public static string Unify(ReadOnlySpan<char> text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var result = new StringBuilder(bytes.Length + 16);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (TryReadEscape(bytes.AsSpan(i), out var value))
            {
                i += 2;
                Append(result, value, !_unreserved.Contains(value));
            }
            else
            {
                Append(result, bytes[i], _encoded.Contains(bytes[i]));
            }
        }

        return result.ToString();

        static void Append(StringBuilder result, byte value, bool encode)
        {
            if (encode)
            {
                result.Append('%').Append(Convert.ToHexString([value]));
            }
            else
            {
                result.Append((char)value);
            }
        }
    }
}
