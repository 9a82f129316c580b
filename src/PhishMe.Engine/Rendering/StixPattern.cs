using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>STIX patterns (STIX 2.1, section 9) of exactly one comparison: some products take no other, and all read the value from these.</summary>
internal static class StixPattern
{
    /// <summary>The pattern of a value.</summary>
    /// <param name="kind">What the value is.</param>
    /// <param name="value">The value; a domain may begin with <c>*.</c></param>
    /// <returns>The pattern; null for kinds patterns have no object path for, and for values that libraries refuse.</returns>
    public static string? Of(IndicatorKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var path = IndicatorKinds.Of(kind).StixPath;
        if (path is null || (kind == IndicatorKind.Ssdeep && !SsdeepGrammar.IsStrict(value)))
        {
            return null;
        }

        return kind == IndicatorKind.Domain && value.StartsWith("*.", StringComparison.Ordinal)
            ? $"[{path} LIKE '%{Escape(value[1..])}']"
            : $"[{path} = '{Escape(value)}']";
    }

    /// <summary>Escapes a string literal of a pattern: backslash and single quote, nothing else.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The text between the quotes.</returns>
    public static string Escape(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.AsSpan().IndexOfAny('\\', '\'') < 0
            ? value
            : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
    }
}
