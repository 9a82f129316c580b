using System.Buffers;

namespace PhishMe.Engine.Rendering;

/// <summary>Takes the optional fields out of a CEF event that is too long: first cs6, then cs5, each with its label. No value is ever cut.</summary>
internal static class CefShortening
{
    private const int HeaderFields = 7;

    private static readonly SearchValues<byte> _keyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"u8);

    /// <summary>The event, shortened if it has to be.</summary>
    /// <param name="line">The event.</param>
    /// <param name="most">Bytes at most.</param>
    /// <returns>The event; null when it is too long even without them.</returns>
    public static ReadOnlyMemory<byte>? Shorten(ReadOnlyMemory<byte> line, int most)
    {
        var isCef = line.Span.StartsWith("CEF:"u8);
        if (line.Length > most && isCef)
        {
            line = Without(line, "cs6"u8, "cs6Label"u8);
        }

        if (line.Length > most && isCef)
        {
            line = Without(line, "cs5"u8, "cs5Label"u8);
        }

        // The cast matters: null alone would become an empty event.
        return line.Length <= most ? line : (ReadOnlyMemory<byte>?)null;
    }

    private static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> key, ReadOnlySpan<byte> label)
    {
        var text = line.Span;
        var start = StartOfExtension(text);
        var kept = new ArrayBufferWriter<byte>(text.Length);
        kept.Write(text[..start]);
        var isFirst = true;
        for (var at = start; at < text.Length;)
        {
            var end = EndOfField(text, at);
            var field = text[at..end];
            var name = field[..Math.Max(field.IndexOf((byte)'='), 0)];
            if (!name.SequenceEqual(key) && !name.SequenceEqual(label))
            {
                if (!isFirst)
                {
                    kept.Write(" "u8);
                }

                kept.Write(field);
                isFirst = false;
            }

            at = end + 1;
        }

        return kept.WrittenMemory;
    }

    /// <summary>Behind the seventh pipe that is not escaped.</summary>
    private static int StartOfExtension(ReadOnlySpan<byte> text)
    {
        var pipes = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\')
            {
                i++;
            }
            else if (text[i] == (byte)'|' && ++pipes == HeaderFields)
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    /// <summary>The blank before the next key, or the end. Values have blanks, too; what follows a blank is a key when an equals sign that is not escaped ends it.</summary>
    private static int EndOfField(ReadOnlySpan<byte> text, int at)
    {
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] != (byte)' ')
            {
                continue;
            }

            var rest = text[(i + 1)..];
            var length = rest.IndexOfAnyExcept(_keyCharacters);
            if (length > 0 && rest[length] == (byte)'=')
            {
                return i;
            }
        }

        return text.Length;
    }
}
