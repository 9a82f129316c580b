using System.Buffers;
using System.Text;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// The characters that the next reader takes for structure whatever the format says: C0 and C1 controls, DEL, and the line and paragraph separators of
/// Unicode. A receiver of syslog may end a record at NUL; a terminal obeys ESC; splitters of lines know NEL and U+2028.
/// </summary>
internal static class ControlCharacters
{
    /// <summary>What stands in their place.</summary>
    public const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> _all = SearchValues.Create(
    [
        .. Range('\u0000', '\u0008'), '\u000B', '\u000C', .. Range('\u000E', '\u001F'), .. Range('\u007F', '\u009F'), '\u2028', '\u2029',
    ]);

    private static readonly SearchValues<byte> _utf8 = SearchValues.Create(
    [
        .. Enumerable.Range(0, 9).Select(code => (byte)code), 0x0B, 0x0C, .. Enumerable.Range(0x0E, 0x12).Select(code => (byte)code), 0x7F, 0xC2, 0xE2,
    ]);

    /// <summary>Whether a character is one of them; tab, CR and LF are not.</summary>
    public static bool Is(char c) => _all.Contains(c);

    /// <summary>The text with U+FFFD in place of each; the same object when there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepsLines">Whether CR and LF stay; otherwise each run of them becomes a blank.</param>
    public static string Replace(string text, bool keepsLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAny(_all) && (keepsLines || text.AsSpan().IndexOfAny('\r', '\n') < 0))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '\r' or '\n' && !keepsLines)
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                {
                    clean.Append(' ');
                }
            }
            else
            {
                clean.Append(Is(c) ? Replacement : c);
            }
        }

        return clean.ToString();
    }

    /// <summary>The same for UTF-8 that was received; the very same memory when there is nothing to replace.</summary>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> utf8)
    {
        var rest = utf8.Span;
        var output = (ArrayBufferWriter<byte>?)null;
        while (rest.IndexOfAny(_utf8) is var at and >= 0)
        {
            var length = LengthAt(rest[at..]);
            if (length == 0)
            {
                // The first byte of some other character.
                output?.Write(rest[..(at + 1)]);
                if (output is null && !HasControl(rest[(at + 1)..]))
                {
                    return utf8;
                }

                output ??= Begun(utf8.Span[..^(rest.Length - at - 1)]);
                rest = rest[(at + 1)..];
                continue;
            }

            output ??= Begun(utf8.Span[..^rest.Length]);
            output.Write(rest[..at]);
            output.Write("\uFFFD"u8);
            rest = rest[(at + length)..];
        }

        output?.Write(rest);
        return output?.WrittenMemory ?? utf8;

        ArrayBufferWriter<byte> Begun(ReadOnlySpan<byte> begin)
        {
            var begun = new ArrayBufferWriter<byte>(utf8.Length + 16);
            begun.Write(begin);
            return begun;
        }
    }

    private static bool HasControl(ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOfAny(_utf8) is var at and >= 0)
        {
            if (LengthAt(utf8[at..]) > 0)
            {
                return true;
            }

            utf8 = utf8[(at + 1)..];
        }

        return false;
    }

    private static int LengthAt(ReadOnlySpan<byte> utf8) => utf8 switch
    {
        [0xC2, >= 0x80 and <= 0x9F, ..] => 2,
        [0xC2, ..] => 0,
        [0xE2, 0x80, 0xA8 or 0xA9, ..] => 3,
        [0xE2, ..] => 0,
        _ => 1,
    };

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
