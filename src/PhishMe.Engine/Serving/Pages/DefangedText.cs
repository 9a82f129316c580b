using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>Values of indicators as people pass them on: no one clicks on them by mistake, and <see cref="Defanged.Refang"/> gives them back.</summary>
internal static class DefangedText
{
    /// <summary>Writes a value: <c>hxxps://evil[.]example/</c>, <c>192[.]0[.]2[.]7</c>, <c>who[@]evil[.]example</c>. Hashes and subjects stay as they are.</summary>
    public static string Of(IndicatorKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return kind is IndicatorKind.Domain or IndicatorKind.IPv4 or IndicatorKind.IPv6 or IndicatorKind.Url or IndicatorKind.Email or IndicatorKind.Unknown
            ? WithoutScheme(value).Replace(".", "[.]", StringComparison.Ordinal).Replace("@", "[@]", StringComparison.Ordinal)
            : value;
    }

    private static string WithoutScheme(string value) =>
        value.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? $"hxxp{value[4..]}"
        : value.StartsWith("ftp://", StringComparison.OrdinalIgnoreCase) ? $"fxp{value[3..]}"
        : value;
}
