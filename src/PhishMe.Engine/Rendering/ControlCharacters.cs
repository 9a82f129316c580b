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

    /// <summary>UTF-8 that was received with U+FFFD in place of each NUL; the very same memory when there is none. Everything else is the sender's.</summary>
    public static ReadOnlyMemory<byte> ReplaceNul(ReadOnlyMemory<byte> utf8)
    {
        var rest = utf8.Span;
        if (rest.IndexOf((byte)0) < 0)
        {
            return utf8;
        }

        var output = new ArrayBufferWriter<byte>(utf8.Length + 16);
        while (rest.IndexOf((byte)0) is var at and >= 0)
        {
            output.Write(rest[..at]);
            output.Write("\uFFFD"u8);
            rest = rest[(at + 1)..];
        }

        output.Write(rest);
        return output.WrittenMemory;
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
