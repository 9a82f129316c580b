using System.Buffers;
using System.Text;

namespace PhishMe.Engine.Rendering;

/// <summary>Character data for XML 1.0.</summary>
internal static class XmlText
{
    // Escaped, forbidden, or worth a look (surrogates, U+FFFE, U+FFFF): everything else is copied in runs.
    private static readonly SearchValues<char> _special = SearchValues.Create(Special());

    /// <summary>
    /// Writes text for an element or an attribute in double quotes. Characters XML 1.0 does not allow become U+FFFD: the data come from criminals, and
    /// one control character must not make a package unreadable.
    /// </summary>
    public static void Put(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var at = text.IndexOfAny(_special);
            if (at < 0)
            {
                output.Put(text);
                return;
            }

            output.Put(text[..at]);
            var used = 1;
            switch (text[at])
            {
                case '&': output.Put("&amp;"u8); break;
                case '<': output.Put("&lt;"u8); break;
                case '>': output.Put("&gt;"u8); break;
                case '"': output.Put("&quot;"u8); break;

                // As references, because parsers turn the characters themselves into something else.
                case '\r': output.Put("&#xD;"u8); break;
                case '\n': output.Put("&#xA;"u8); break;
                case '\t': output.Put("&#x9;"u8); break;
                default:
                    if (Rune.DecodeFromUtf16(text[at..], out var rune, out _) == OperationStatus.Done && rune.Value > 0xFFFF)
                    {
                        output.Put(text.Slice(at, 2));
                        used = 2;
                    }
                    else
                    {
                        output.Put("\uFFFD"u8);
                    }

                    break;
            }

            text = text[(at + used)..];
        }
    }

    private static char[] Special()
    {
        var characters = new List<char> { '&', '<', '>', '"', '\uFFFE', '\uFFFF' };
        for (var c = '\0'; c < ' '; c++)
        {
            characters.Add(c);
        }

        for (var c = 0xD800; c <= 0xDFFF; c++)
        {
            characters.Add((char)c);
        }

        return [.. characters];
    }
}
