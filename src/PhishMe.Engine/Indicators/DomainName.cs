using System.Buffers;
using System.Text;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// Domain names in the one form used for look-ups: lower case, A-labels (RFC 5890), no trailing dot.
/// Names are mapped and composed as browsers do it (<see cref="HostCharacters"/>). <c>IdnMapping</c> answers differently with ICU (inside PowerShell)
/// and without (on the command line).
/// </summary>
internal static class DomainName
{
    private const int MaximumLength = 253;
    private const int MaximumLabel = 63;
    private const string AsciiPrefix = "xn--";

    private static readonly SearchValues<char> _plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Normalises a host name; a leading <c>*.</c> (or <c>*</c>, seen once) stays as <c>*.</c>.</summary>
    /// <param name="name">The name, refanged and trimmed.</param>
    /// <returns>The normal form, or null when it is no domain name of at least two labels.</returns>
    public static string? Normalize(string name)
    {
        var rest = name.AsSpan();
        var wildcard = false;
        if (rest.StartsWith("*", StringComparison.Ordinal))
        {
            wildcard = true;
            rest = rest[1..];
            rest = rest.StartsWith(".", StringComparison.Ordinal) ? rest[1..] : rest;
        }

        // The vendor's values may end in '?' or '.' (reference/threat.md §2.1). The other three full stops are those of UTS 46.
        rest = rest.TrimEnd(".?。．｡");
        if (rest.IsEmpty || rest.Length > MaximumLength)
        {
            return null;
        }

        // Nothing to do for nearly all values: no copy then.
        string result;
        if (!rest.ContainsAnyExcept(_plain))
        {
            result = rest.Length == name.Length ? name : rest.ToString();
        }
        else if (ToAscii(rest) is { } ascii)
        {
            result = ascii;
        }
        else
        {
            return null;
        }

        if (!IsWellFormed(result))
        {
            return null;
        }

        return wildcard ? "*." + result : result;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> name)
    {
        if (name.Length > MaximumLength || name.ContainsAnyExcept(_plain))
        {
            return false;
        }

        var labels = 0;
        var isNumber = false;
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.IsEmpty || label.Length > MaximumLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            isNumber = AddressText.IsNumber(label);
            labels++;
        }

        // A single label would match a whole top-level domain; a name whose last label is a number is (part of) an address.
        return labels >= 2 && !isNumber;
    }

    private static string? ToAscii(ReadOnlySpan<char> name)
    {
        if (HostCharacters.Map(name) is not { } mapped)
        {
            return null;
        }

        var result = new StringBuilder(mapped.Length + 16);
        foreach (var range in mapped.AsSpan().Split('.'))
        {
            if (range.Start.Value > 0)
            {
                result.Append('.');
            }

            var label = mapped[range];
            if (Ascii.IsValid(label))
            {
                result.Append(label);
            }
            else
            {
                result.Append(AsciiPrefix);
                if (!Punycode.TryEncode(label, result))
                {
                    return null;
                }
            }

            if (result.Length > MaximumLength)
            {
                return null;
            }
        }

        return result.ToString();
    }
}
