using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PhishMe.Intelligence;

/// <summary>
/// The key of a threat: product and number. Written <c>m_123</c> or <c>p_123</c>, as the search API writes it; malware and phish reuse numbers.
/// </summary>
/// <param name="Type">The product.</param>
/// <param name="Number">The number within the product, 0 or more.</param>
public readonly record struct ThreatId(ThreatType Type, long Number) : IComparable<ThreatId>, ISpanParsable<ThreatId>
{
    private const char MalwarePrefix = 'm';
    private const char PhishPrefix = 'p';

    /// <inheritdoc/>
    public static ThreatId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static ThreatId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is not a threat id; write m_<number> for malware or p_<number> for phish.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ThreatId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ThreatId result)
    {
        result = default;
        s = s.Trim();
        if (s.Length < 3 || s[1] != '_')
        {
            return false;
        }

        ThreatType type;
        switch (char.ToLowerInvariant(s[0]))
        {
            case MalwarePrefix: type = ThreatType.Malware; break;
            case PhishPrefix: type = ThreatType.Phish; break;
            default: return false;
        }

        if (!long.TryParse(s[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        result = new ThreatId(type, number);
        return true;
    }

    /// <summary>Malware before phish, then by number.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Less than, equal to or greater than zero.</returns>
    public int CompareTo(ThreatId other)
    {
        var byType = Type.CompareTo(other.Type);
        return byType != 0 ? byType : Number.CompareTo(other.Number);
    }

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(ThreatId left, ThreatId right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(ThreatId left, ThreatId right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts before or with <paramref name="right"/>.</summary>
    public static bool operator <=(ThreatId left, ThreatId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after or with <paramref name="right"/>.</summary>
    public static bool operator >=(ThreatId left, ThreatId right) => left.CompareTo(right) >= 0;

    /// <summary>The id as the search API writes it: <c>m_123</c> or <c>p_123</c>.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Type == ThreatType.Malware ? MalwarePrefix : PhishPrefix)}_{Number}");
}
