using System.Buffers;
using System.Globalization;
using System.Text;

namespace PhishMe.Intelligence;

/// <summary>
/// Text for a person's eyes. Titles, subjects and file names are written by attackers, and a terminal obeys what it is sent: escape sequences move and
/// erase text, bidirectional controls reorder it. What would not be seen is written as its code instead, such as <c>\u001B</c>.
/// </summary>
public static class VisibleText
{
    // Unicode: C0, DEL and C1; the bidirectional controls of UAX #9; zero-width characters that no emoji needs; line and paragraph separator; fillers.
    private static readonly SearchValues<char> _hidden = SearchValues.Create(
    [
        .. Range('\u0000', '\u001F'), .. Range('\u007F', '\u009F'), '\u00AD', '\u034F', '\u061C', '\u180E', '\u200B', '\u200E', '\u200F',
        .. Range('\u2028', '\u202E'), .. Range('\u2060', '\u206F'), '\uFEFF', .. Range('\uFFF9', '\uFFFB'), .. Range('\uD800', '\uDFFF'),
    ]);

    /// <summary>Makes every control visible. For one line: tabs and line breaks are controls, too.</summary>
    /// <param name="text">The text; null gives an empty one.</param>
    /// <returns>The text with the code in place of each control; the same object when there is none.</returns>
    public static string Of(string? text)
    {
        if (text is null)
        {
            return string.Empty;
        }

        return text.AsSpan().ContainsAny(_hidden) ? Shown(text, keepsLines: false) : text;
    }

    /// <summary>Makes every control visible but line breaks and tabs. For text of several lines.</summary>
    /// <param name="text">The text; null gives an empty one.</param>
    /// <returns>The text with the code in place of each control.</returns>
    public static string OfLines(string? text)
    {
        if (text is null)
        {
            return string.Empty;
        }

        return text.AsSpan().ContainsAny(_hidden) ? Shown(text, keepsLines: true) : text;
    }

    private static string Shown(string text, bool keepsLines)
    {
        var shown = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (keepsLines && (c is '\t' or '\n' || (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')))
            {
                shown.Append(c);
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var rune = char.ConvertToUtf32(c, text[i + 1]);
                if (rune is >= 0xE0000 and <= 0xE0FFF)
                {
                    // Tags: invisible copies of ASCII.
                    shown.Append(CultureInfo.InvariantCulture, $"\\U{rune:X8}");
                }
                else
                {
                    shown.Append(c).Append(text[i + 1]);
                }

                i++;
            }
            else if (_hidden.Contains(c))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.ToString();
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
