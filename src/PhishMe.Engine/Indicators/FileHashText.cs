using System.Buffers;
using System.Globalization;

namespace PhishMe.Engine.Indicators;

/// <summary>Hashes of files in the one form used for look-ups: lower-case hexadecimal of the right length; ssdeep keeps its case.</summary>
internal static class FileHashText
{
    private const int LongestSsdeep = 255;
    private static readonly SearchValues<char> _hex = SearchValues.Create("0123456789abcdef");

    /// <param name="value">The hash; white space around it does not count.</param>
    /// <param name="length">Hexadecimal digits it must have.</param>
    /// <returns>The normal form; null when it is no such hash.</returns>
    public static string? Hexadecimal(string value, int length)
    {
        var trimmed = value.AsSpan().Trim();
        if (trimmed.Length != length)
        {
            return null;
        }

        if (!trimmed.ContainsAnyExcept(_hex))
        {
            return trimmed.Length == value.Length ? value : trimmed.ToString();
        }

        var lower = trimmed.ToString().ToLowerInvariant();
        return lower.AsSpan().ContainsAnyExcept(_hex) ? null : lower;
    }

    /// <summary><c>blocksize:hash:hash</c>. The tool prints the name of the file behind a comma: cut off.</summary>
    /// <returns>The text; null when it is no such hash.</returns>
    public static string? Ssdeep(string text)
    {
        if (text.IndexOf(',', StringComparison.Ordinal) is var comma and >= 0)
        {
            text = text[..comma].TrimEnd();
        }

        var first = text.IndexOf(':', StringComparison.Ordinal);
        var second = first < 1 ? -1 : text.IndexOf(':', first + 1);
        return second > 0
            && text.Length <= LongestSsdeep
            && int.TryParse(text.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && size > 0
            && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? text
            : null;
    }
}
