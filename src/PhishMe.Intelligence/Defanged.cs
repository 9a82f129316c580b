using System.Buffers;
using System.Text;

namespace PhishMe.Intelligence;

/// <summary>Reverses the defanging of dangerous values.</summary>
public static class Defanged
{
    private static readonly SearchValues<char> _brackets = SearchValues.Create("[({");

    // What may stand between a pair of brackets, and what it stands for.
    private static readonly (string Written, string Meant)[] _words =
    [
        (".", "."), ("dot", "."), ("punkt", "."), (":", ":"), ("://", "://"), ("/", "/"), ("@", "@"), ("at", "@"),
    ];

    private static readonly (string Written, string Meant)[] _schemes =
    [
        ("hxxps", "https"), ("hxxp", "http"), ("h**ps", "https"), ("h**p", "http"), ("htxps", "https"), ("htxp", "http"),
        ("hxtps", "https"), ("hxtp", "http"), ("fxps", "ftps"), ("fxp", "ftp"),
    ];

    /// <summary>
    /// Gives back the working form: <c>hxxp</c> and its kin, <c>[.]</c> <c>(.)</c> <c>{.}</c> <c>[dot]</c>, <c>[:]</c> <c>[://]</c>, <c>[at]</c> <c>[@]</c>,
    /// in any case and any of the three brackets; white space around it is trimmed. A value that is not defanged is returned as it is.
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
            var next = WithoutBrackets(text);
            if (next.Length == text.Length)
            {
                break;
            }

            text = next.Trim();
        }

        return WithScheme(text);
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
                result.Append(text, kept, at - kept).Append(meant);
                kept = at + length;
            }

            var from = length > 0 ? kept : at + 1;
            var next = text.AsSpan(from).IndexOfAny(_brackets);
            at = next < 0 ? -1 : from + next;
        }

        return result is null ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    private static int Match(ReadOnlySpan<char> text, out string meant)
    {
        var close = text[0] switch { '[' => ']', '(' => ')', _ => '}' };
        foreach ((var written, var stands) in _words)
        {
            if (text.Length > written.Length + 1
                && text[written.Length + 1] == close
                && text[1..(written.Length + 1)].Equals(written, StringComparison.OrdinalIgnoreCase))
            {
                meant = stands;
                return written.Length + 2;
            }
        }

        meant = "";
        return 0;
    }

    private static string WithScheme(string text)
    {
        if (text.Length < 6 || text[0] is not ('h' or 'H' or 'f' or 'F'))
        {
            return text;
        }

        foreach ((var written, var meant) in _schemes)
        {
            if (text.StartsWith(written, StringComparison.OrdinalIgnoreCase) && text.AsSpan(written.Length).StartsWith("://", StringComparison.Ordinal))
            {
                return string.Concat(meant, text.AsSpan(written.Length));
            }
        }

        return text;
    }
}
