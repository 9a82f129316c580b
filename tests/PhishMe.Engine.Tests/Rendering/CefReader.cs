using System.Text;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>
/// A receiver of CEF, written from "Implementing ArcSight Common Event Format" and not from the renderer. It is as strict as the strictest receiver: a record
/// ends at LF or NUL, a header has seven fields, each escape is one that the text knows, and nothing else that steers a terminal or a reader of lines is in it.
/// </summary>
internal static class CefReader
{
    private const int HeaderFields = 7;

    /// <summary>The events of a stream.</summary>
    /// <exception cref="FormatException">A record is no event.</exception>
    public static List<CefEvent> Read(ReadOnlySpan<byte> stream)
    {
        var events = new List<CefEvent>();
        while (!stream.IsEmpty)
        {
            var end = stream.IndexOfAny((byte)'\n', (byte)0);
            var record = end < 0 ? stream : stream[..end];
            stream = end < 0 ? default : stream[(end + 1)..];
            events.Add(ReadEvent(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(record)));
        }

        return events;
    }

    private static CefEvent ReadEvent(string record)
    {
        foreach (var c in record)
        {
            if ((char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029')
            {
                throw new FormatException($"U+{(int)c:X4} in: {record}");
            }
        }

        if (!record.StartsWith("CEF:0|", StringComparison.Ordinal))
        {
            throw new FormatException($"No event: {record}");
        }

        var header = new List<string>();
        var field = new StringBuilder();
        var at = "CEF:".Length;
        for (; header.Count < HeaderFields; at++)
        {
            if (at == record.Length)
            {
                throw new FormatException($"The header ends too early: {record}");
            }

            if (record[at] == '|')
            {
                header.Add(field.ToString());
                field.Clear();
            }
            else if (record[at] == '\\')
            {
                field.Append(++at < record.Length && record[at] is '\\' or '|' ? record[at] : throw new FormatException($"An escape in the header: {record}"));
            }
            else
            {
                field.Append(record[at]);
            }
        }

        return new CefEvent(header, ReadExtension(record[at..]));
    }

    // A key is the word before an equals sign that is not escaped, and a value ends at the blank before the next key.
    private static Dictionary<string, string> ReadExtension(string extension)
    {
        var equals = new List<int>();
        for (var i = 0; i < extension.Length; i++)
        {
            if (extension[i] == '\\')
            {
                i++;
            }
            else if (extension[i] == '=')
            {
                equals.Add(i);
            }
        }

        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var keyStart = 0;
        for (var n = 0; n < equals.Count; n++)
        {
            var key = extension[keyStart..equals[n]];
            if (key.Length == 0 || !key.All(char.IsAsciiLetterOrDigit))
            {
                throw new FormatException($"'{key}' is no key: {extension}");
            }

            var valueEnd = extension.Length;
            if (n + 1 < equals.Count)
            {
                valueEnd = extension.LastIndexOf(' ', equals[n + 1]);
                keyStart = valueEnd + 1;
            }

            if (valueEnd <= equals[n] || !pairs.TryAdd(key, Unescaped(extension[(equals[n] + 1)..valueEnd])))
            {
                throw new FormatException($"'{key}' has no value, or two: {extension}");
            }
        }

        return pairs;
    }

    private static string Unescaped(string written)
    {
        var text = new StringBuilder(written.Length);
        for (var i = 0; i < written.Length; i++)
        {
            text.Append(written[i] != '\\' ? written[i] : ++i == written.Length ? throw new FormatException(written) : written[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                '=' => '=',
                _ => throw new FormatException($"\\{written[i]} in {written}"),
            });
        }

        return text.ToString();
    }
}
