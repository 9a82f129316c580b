using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>What the index knows of an indicator. Two that are equal are one.</summary>
/// <param name="Kind">What the value is.</param>
/// <param name="Value">Its normal form; as received when it has no normal form.</param>
/// <param name="Source">Which part of the threat it was read from.</param>
/// <param name="Impact">How bad contact is.</param>
/// <param name="Corollary">For correlation only.</param>
/// <param name="Role">What it is used for.</param>
/// <param name="Family">The malware family.</param>
internal readonly record struct IndexedIndicator(
    IndicatorKind Kind, string Value, IndicatorSource Source, Impact? Impact, bool Corollary, string? Role, string? Family)
{
    public static IndexedIndicator Of(Indicator indicator) => new(
        indicator.Kind,
        indicator.NormalizedValue ?? indicator.Value.Trim(),
        indicator.Source,
        indicator.Impact,
        indicator.Corollary,
        indicator.Role,
        indicator.Family);
}
