using System.Buffers;
using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// Domain names in the one form used for look-ups: lower case, A-labels (RFC 5890), no trailing dot.
/// The code for A-labels is ours because <see cref="IdnMapping"/> answers differently with ICU (inside PowerShell) and without (on the command line).
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

        // The vendor's values may end in '?' or '.' (reference/threat.md §2.1).
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
        var digitsOnly = false;
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.IsEmpty || label.Length > MaximumLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            digitsOnly = !label.ContainsAnyExceptInRange('0', '9');
            labels++;
        }

        // A single label would match a whole top-level domain; a last label of digits is (part of) an address.
        return labels >= 2 && !digitsOnly;
    }

    private static string? ToAscii(ReadOnlySpan<char> name)
    {
        var result = new StringBuilder(name.Length + 16);
        foreach (var range in Dotted(name).Split('.'))
        {
            if (result.Length > 0)
            {
                result.Append('.');
            }

            var label = Fold(Dotted(name)[range]);
            if (Ascii.IsValid(label))
            {
                result.Append(label);
            }
            else
            {
                result.Append(AsciiPrefix);
                if (!Punycode(label, result))
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

    // The three other full stops of IDNA (RFC 3490, 3.1).
    private static ReadOnlySpan<char> Dotted(ReadOnlySpan<char> name) =>
        name.IndexOfAny('。', '．', '｡') < 0 ? name : name.ToString().Replace('。', '.').Replace('．', '.').Replace('｡', '.');

    private static string Fold(ReadOnlySpan<char> label)
    {
        var folded = new StringBuilder(label.Length);
        Span<char> pair = stackalloc char[2];
        foreach (var rune in label.EnumerateRunes())
        {
            // Full-width Latin letters and digits are a favourite of phishers; browsers map them to ASCII.
            var plain = rune.Value is >= 0xFF01 and <= 0xFF5E ? new Rune(rune.Value - 0xFEE0) : rune;

            // Soft hyphen, joiners and variation selectors are invisible and mapped to nothing (UTS #46).
            if (plain.Value is 0xAD or 0x200B or 0x2060 or 0xFEFF or (>= 0xFE00 and <= 0xFE0F))
            {
                continue;
            }

            var written = Rune.ToLowerInvariant(plain).EncodeToUtf16(pair);
            folded.Append(pair[..written]);
        }

        // No String.Normalize: without ICU it does nothing, with ICU it composes, and the two hosts must agree. Nobody can register the decomposed form.
        return folded.ToString();
    }

    // RFC 3492, 6.3.
    private static bool Punycode(string label, StringBuilder output)
    {
        const int Base = 36, TMin = 1, TMax = 26, Skew = 38, Damp = 700, InitialBias = 72, InitialN = 128;
        var points = new List<int>(label.Length);
        var basic = 0;
        foreach (var rune in label.EnumerateRunes())
        {
            if (rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.SpaceSeparator)
            {
                return false;
            }

            points.Add(rune.Value);
            if (rune.IsAscii)
            {
                output.Append((char)rune.Value);
                basic++;
            }
        }

        if (points.Count > MaximumLabel)
        {
            return false;
        }

        if (basic > 0)
        {
            output.Append('-');
        }

        int n = InitialN, delta = 0, bias = InitialBias, handled = basic;
        while (handled < points.Count)
        {
            var next = int.MaxValue;
            foreach (var point in points)
            {
                if (point >= n && point < next)
                {
                    next = point;
                }
            }

            delta += (next - n) * (handled + 1);
            n = next;
            foreach (var point in points)
            {
                if (point < n)
                {
                    delta++;
                }
                else if (point == n)
                {
                    var q = delta;
                    for (var k = Base; ; k += Base)
                    {
                        var t = k <= bias ? TMin : k >= bias + TMax ? TMax : k - bias;
                        if (q < t)
                        {
                            break;
                        }

                        output.Append(Digit(t + ((q - t) % (Base - t))));
                        q = (q - t) / (Base - t);
                    }

                    output.Append(Digit(q));
                    bias = Adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            n++;
        }

        return true;

        static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

        static int Adapt(int delta, int count, bool first)
        {
            delta = first ? delta / Damp : delta / 2;
            delta += delta / count;
            var k = 0;
            while (delta > (Base - TMin) * TMax / 2)
            {
                delta /= Base - TMin;
                k += Base;
            }

            return k + ((Base - TMin + 1) * delta / (delta + Skew));
        }
    }
}
