using System.Buffers;

namespace PhishMe.Engine.Indicators;

/// <summary>E-mail addresses in the one form used for look-ups: lower case (the local part too: no one relies on its case), the domain as a domain.</summary>
internal static class EmailText
{
    private const int LongestLocalPart = 64;
    private static readonly SearchValues<char> _noLocalPart = SearchValues.Create(" \t\r\n,;:\"()<>[]\\@");

    /// <param name="text">The address, refanged, also with <c>mailto:</c> or in angle brackets.</param>
    /// <returns>The normal form; null when it is no address.</returns>
    public static string? Normalize(string text)
    {
        var rest = text.AsSpan().TrimEnd(".?");
        if (rest.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[7..];
        }

        if (rest.StartsWith("<", StringComparison.Ordinal) && rest.EndsWith(">", StringComparison.Ordinal))
        {
            rest = rest[1..^1];
        }

        var at = rest.LastIndexOf('@');
        if (at is < 1 or > LongestLocalPart || rest[..at].ContainsAny(_noLocalPart)
            || DomainName.Normalize(rest[(at + 1)..].ToString()) is not { } domain || domain[0] == '*')
        {
            return null;
        }

        var normal = string.Concat(rest[..at].ToString().ToLowerInvariant(), "@", domain);
        return normal == text ? text : normal;
    }
}
