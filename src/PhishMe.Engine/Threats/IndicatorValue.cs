using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>The value that is handed to other products.</summary>
internal static class IndicatorValue
{
    /// <summary>URLs refanged but otherwise byte for byte, subjects as received, everything else in normal form.</summary>
    public static string Of(Indicator indicator) => indicator switch
    {
        { NormalizedValue: null } or { Kind: IndicatorKind.Subject } => indicator.Value.Trim(),
        { Kind: IndicatorKind.Url } => Defanged.Refang(indicator.Value),
        _ => indicator.NormalizedValue,
    };
}
