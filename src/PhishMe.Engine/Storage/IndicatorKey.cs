using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>An indicator as a value: two threats that carry the same one have equal keys.</summary>
/// <param name="Kind">What the value is.</param>
/// <param name="Value">Its normal form; as received when it has no normal form.</param>
internal readonly record struct IndicatorKey(IndicatorKind Kind, string Value)
{
    public static IndicatorKey Of(Indicator indicator) => new(indicator.Kind, indicator.NormalizedValue ?? indicator.Value.Trim());
}
