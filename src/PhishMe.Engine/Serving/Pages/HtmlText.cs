using System.Globalization;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>
/// Builds HTML. Titles, subjects and values come from attackers: whatever is not markup of ours goes through <see cref="Text"/>, where characters that HTML
/// reads become references and controls become visible.
/// </summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    /// <summary>Markup of ours, as it is.</summary>
    public HtmlText Markup(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Text of others; also right within an attribute in double quotes.</summary>
    public HtmlText Text(string? text)
    {
        foreach (var c in VisibleText.Of(text))
        {
            _ = c switch
            {
                '&' => _html.Append("&amp;"),
                '<' => _html.Append("&lt;"),
                '>' => _html.Append("&gt;"),
                '"' => _html.Append("&quot;"),
                '\'' => _html.Append("&#39;"),
                _ => _html.Append(c),
            };
        }

        return this;
    }

    /// <summary>A number as people read it: 12,345.</summary>
    public HtmlText Number(long number) => Markup(number.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>A time in UTC, to the minute; a dash for none.</summary>
    public HtmlText Time(DateTimeOffset? time) => time is DateTimeOffset known
        ? Markup(string.Create(CultureInfo.InvariantCulture, $"<time datetime=\"{known.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\">{known.UtcDateTime:yyyy-MM-dd HH:mm}</time>"))
        : Markup("–");

    /// <summary>An element without attributes around a text.</summary>
    public HtmlText Element(string name, string? text) => Markup($"<{name}>").Text(text).Markup($"</{name}>");

    /// <summary>A link, when the address is one that may be followed; otherwise the text alone.</summary>
    public HtmlText Link(string? address, string text) => address is null
        ? Text(text)
        : Markup("<a href=\"").Text(address).Markup("\">").Text(text).Markup("</a>");

    public override string ToString() => _html.ToString();
}
