using System.Globalization;
using System.Text;
using System.Xml;

namespace PhishMe.Simulator.Rendering;

/// <summary>Collects lines of XML. Element markup is written literally, because readers of the original match it as text; only values are escaped.</summary>
internal sealed class XmlText
{
    private readonly StringBuilder _text = new(16 * 1024);

    public XmlText Line(int indent, string markup)
    {
        _text.Append(' ', indent).Append(markup).Append('\n');
        return this;
    }

    /// <summary>Escapes a value; what XML 1.0 cannot hold at all is left out.</summary>
    public static string Escape(string value)
    {
        if (value.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            return value;
        }

        var escaped = new StringBuilder(value.Length + 16);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                escaped.Append(c).Append(value[++i]);
                continue;
            }

            _ = c switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\t' or '\n' or '\r' or '\u0085' or '\u2028' => escaped.Append(CultureInfo.InvariantCulture, $"&#x{(int)c:X};"),
                _ => XmlConvert.IsXmlChar(c) ? escaped.Append(c) : escaped,
            };
        }

        return escaped.ToString();
    }

    public override string ToString() => _text.ToString();

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;/-_?=+()@#%'*");
}
