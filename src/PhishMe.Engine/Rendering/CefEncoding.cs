using System.Buffers;

namespace PhishMe.Engine.Rendering;

/// <summary>The escaping and the field limits of CEF:0 (ArcSight "Implementing CEF"; reference/cef.md §3).</summary>
internal static class CefEncoding
{
    public const int VendorLimit = 63;
    public const int ExternalIdLimit = 40;
    public const int HashLimit = 255;
    public const int TextLimit = 1023;
    public const int CustomStringLimit = 4000;

    // Receivers of syslog end a record at NUL, and some at other controls.
    private static readonly char[] _controls = [.. Enumerable.Range(0, 0x202A).Select(code => (char)code).Where(ControlCharacters.Is)];

    private static readonly SearchValues<char> _header = SearchValues.Create([.. "\\|\r\n", .. _controls]);
    private static readonly SearchValues<char> _value = SearchValues.Create([.. "\\=\r\n", .. _controls]);

    /// <summary>
    /// A header field: <c>\</c> and <c>|</c> are escaped; line breaks, which a header must not hold, become blanks, other controls U+FFFD.
    /// </summary>
    public static void PutHeaderField(IBufferWriter<byte> output, ReadOnlySpan<char> text, int limit)
    {
        text = text.Trim();
        text = text[..Fitting(text, limit, _header, breaksCost: 1)];
        while (text.IndexOfAny(_header) is var at and >= 0)
        {
            output.Put(text[..at]);
            output.Put(text[at] switch { '\\' => "\\\\"u8, '|' => "\\|"u8, '\r' or '\n' => " "u8, _ => "\uFFFD"u8 });
            text = text[(at + 1)..];
        }

        output.Put(text);
    }

    /// <summary>
    /// An extension value: <c>\</c>, <c>=</c>, LF and CR are escaped, the pipe is not; other controls become U+FFFD. The limit holds for the text as written, so that it holds for
    /// readers that count before unescaping as well; neither an escape nor a surrogate pair is cut.
    /// </summary>
    public static void PutValue(IBufferWriter<byte> output, ReadOnlySpan<char> text, int limit)
    {
        text = text[..Fitting(text, limit, _value, breaksCost: 2)].TrimEnd(' ');
        while (text.IndexOfAny(_value) is var at and >= 0)
        {
            output.Put(text[..at]);
            output.Put(text[at] switch { '\\' => "\\\\"u8, '=' => "\\="u8, '\n' => "\\n"u8, '\r' => "\\r"u8, _ => "\uFFFD"u8 });
            text = text[(at + 1)..];
        }

        output.Put(text);
    }

    private static int Fitting(ReadOnlySpan<char> text, int limit, SearchValues<char> escaped, int breaksCost)
    {
        // Even if every character had to be escaped it would fit: the usual case.
        if (text.Length <= limit / 2)
        {
            return text.Length;
        }

        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var cost = c is '\r' or '\n' ? breaksCost : escaped.Contains(c) && !ControlCharacters.Is(c) ? 2 : 1;
            var step = 1;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                cost = 2;
                step = 2;
            }

            if (written + cost > limit)
            {
                return i;
            }

            written += cost;
            i += step - 1;
        }

        return text.Length;
    }
}
