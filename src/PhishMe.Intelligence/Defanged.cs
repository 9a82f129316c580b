using System.Buffers;
using System.Text;

namespace PhishMe.Intelligence;

/// <summary>Undoes what people do to dangerous values so that no one clicks on them.</summary>
public static class Defanged
{
    private static readonly SearchValues<char> _brackets = SearchValues.Create("[({<");
    private static readonly SearchValues<char> _hostEnd = SearchValues.Create("/?#");
    private static readonly SearchValues<char> _inHost = SearchValues.Create("[](){}<>\\&");

    // What may stand between a pair of brackets, and what it stands for.
    private static readonly (string Written, string Meant)[] _words =
    [
        (".", "."), ("dot", "."), ("punkt", "."), (":", ":"), ("://", "://"), ("//", "//"), ("/", "/"), ("::", "::"), ("@", "@"), ("at", "@"),
    ];

    private static readonly string[] _dots = ["&#46;", "&#x2e;", "&period;"];

    /// <summary>
    /// Gives back the working form: <c>hxxp</c> and its kin, <c>[.]</c> <c>(.)</c> <c>{.}</c> <c>&lt;.&gt;</c> <c>[dot]</c>, <c>[:]</c> <c>[://]</c>, <c>[at]</c>
    /// <c>[@]</c>, in any case and any of the brackets, also with blanks within and around them; in a host also a bracket left open (<c>evil[.example</c>)
    /// and <c>\.</c>. White space around the value is trimmed. A value that is not defanged is returned as it is.
    /// </summary>
    /// <param name="value">The text as written by a person.</param>
    /// <returns>The working form; calling it again changes nothing.</returns>
    public static string Refang(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = value.Trim();
        while (true)
        {
            // Removing one pair can make another: '[[.]]'. Every round is shorter, so this ends.
            var next = WithHost(WithScheme(WithoutBrackets(text)));
            if (next.Length == text.Length)
            {
                return next;
            }

            text = next.Trim();
        }
    }

    private static string WithoutBrackets(string text)
    {
        var at = text.AsSpan().IndexOfAny(_brackets);
        if (at < 0)
        {
            return text;
        }

        StringBuilder? result = null;
        var kept = 0;
        while (at >= 0)
        {
            var length = Match(text.AsSpan(at), out var meant);
            if (length > 0)
            {
                result ??= new StringBuilder(text.Length);
                result.Append(text.AsSpan(kept, at - kept).TrimEnd(' ')).Append(meant);
                kept = at + length;
                kept += text.AsSpan(kept).Length - text.AsSpan(kept).TrimStart(' ').Length;
            }

            var from = length > 0 ? kept : at + 1;
            var next = text.AsSpan(from).IndexOfAny(_brackets);
            at = next < 0 ? -1 : from + next;
        }

        return result is null ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    private static int Match(ReadOnlySpan<char> text, out string meant)
    {
        meant = string.Empty;
        var close = text.IndexOf(Closing(text[0]));
        if (close is < 2 or > 10)
        {
            return 0;
        }

        var inside = text[1..close].Trim(' ');
        foreach ((var written, var stands) in _words)
        {
            if (inside.Equals(written, StringComparison.OrdinalIgnoreCase))
            {
                meant = stands;
                return close + 1;
            }
        }

        return 0;
    }

    private static char Closing(char open) => open switch { '[' => ']', '(' => ')', '<' => '>', _ => '}' };

    /// <summary>Brackets that lost their other half, escaped full stops and those of HTML, up to the end of the host.</summary>
    private static string WithHost(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal);
        start = start < 0 ? 0 : start + 3;
        var end = text.AsSpan(start).IndexOfAny(_hostEnd);
        end = end < 0 || text.AsSpan(start, end).EndsWith("&", StringComparison.Ordinal) ? text.Length : start + end;
        if (!text.AsSpan(start, end - start).ContainsAny(_inHost))
        {
            return text;
        }

        var host = text[start..end];
        foreach (var dot in _dots)
        {
            host = host.Replace(dot, ".", StringComparison.OrdinalIgnoreCase);
        }

        var result = new StringBuilder(host.Length);
        for (var i = 0; i < host.Length; i++)
        {
            var opens = host[i] is '[' or '(' or '{' or '\\' && i + 1 < host.Length && host[i + 1] is '.' or '@';
            var closes = host[i] is ']' or ')' or '}' && i > 0 && host[i - 1] is '.' or '@';
            if (!opens && !closes)
            {
                result.Append(host[i]);
            }
        }

        return string.Concat(text.AsSpan(0, start), result.ToString(), text.AsSpan(end));
    }

    /// <summary>The scheme with some of its letters replaced, left out or in brackets: hxxp, h**p, h[tt]p, http[s].</summary>
    private static string WithScheme(string text)
    {
        var mark = text.IndexOf(':', StringComparison.Ordinal);
        if (mark is < 3 or > 10 || mark + 2 >= text.Length || text[mark + 1] is not ('/' or '\\') || text[mark + 2] is not ('/' or '\\'))
        {
            return text;
        }

        var scheme = text[..mark].ToLowerInvariant().Replace("[", string.Empty, StringComparison.Ordinal).Replace("]", string.Empty, StringComparison.Ordinal)
            .Replace("(", string.Empty, StringComparison.Ordinal).Replace(")", string.Empty, StringComparison.Ordinal);
        var meant = scheme switch
        {
            "http" or "https" or "ftp" or "ftps" => scheme,
            "meow" => "http",
            ['h', var one, var two, 'p'] when IsMask(one) && IsMask(two) => "http",
            ['h', var one, var two, 'p', 's'] when IsMask(one) && IsMask(two) => "https",
            ['f', var one, 'p'] when IsMask(one) => "ftp",
            ['f', var one, 'p', 's'] when IsMask(one) => "ftps",
            _ => null,
        };
        return meant is null || text.AsSpan(0, mark).Equals(meant, StringComparison.OrdinalIgnoreCase) ? text : string.Concat(meant, text.AsSpan(mark));
    }

    private static bool IsMask(char c) => c is 't' or 'x' or 'z' or '*' or '_' or '-' or '?' or '.' or '#' or '+';
}
