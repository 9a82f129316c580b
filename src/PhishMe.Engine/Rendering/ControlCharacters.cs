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

    // C0 but for tab and LF, DEL, and the first bytes of the others in UTF-8.
    private static readonly SearchValues<byte> _firstBytes = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(code => code is not ('\t' or '\n')).Select(code => (byte)code), 0x7F, 0xC2, 0xE2]);

    /// <summary>Whether a character is one of them; tab, CR and LF are not.</summary>
    public static bool Is(char c) => _all.Contains(c);

    /// <summary>Whether a text has one of them.</summary>
    public static bool AreIn(ReadOnlySpan<char> text) => text.ContainsAny(_all);

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

    /// <summary>
    /// UTF-8 of one line that was received, with U+FFFD in place of each of them and of CR; the same memory when the line has no such character. Everything else is the
    /// sender's, also bytes that are not UTF-8.
    /// </summary>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> utf8)
    {
        var rest = utf8.Span;
        var next = Next(rest, out var length);
        if (next < 0)
        {
            return utf8;
        }

        var output = new ArrayBufferWriter<byte>(utf8.Length + 16);
        for (; next >= 0; next = Next(rest, out length))
        {
            output.Write(rest[..next]);
            output.Write("\uFFFD"u8);
            rest = rest[(next + length)..];
        }

        output.Write(rest);
        return output.WrittenMemory;
    }

    /// <summary>Where the next one begins in UTF-8, and how many bytes it has; -1 for none.</summary>
    private static int Next(ReadOnlySpan<byte> utf8, out int length)
    {
        for (var at = 0; ;)
        {
            var found = utf8[at..].IndexOfAny(_firstBytes);
            if (found < 0)
            {
                length = 0;
                return -1;
            }

            at += found;
            length = utf8[at] switch
            {
                < 0x80 => 1,
                0xC2 => at + 1 < utf8.Length && utf8[at + 1] is >= 0x80 and <= 0x9F ? 2 : 0,
                _ => utf8[at..].StartsWith("\u2028"u8) || utf8[at..].StartsWith("\u2029"u8) ? 3 : 0,
            };
            if (length > 0)
            {
                return at;
            }

            at++;
        }
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
