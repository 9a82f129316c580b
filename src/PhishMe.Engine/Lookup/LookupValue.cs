using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>A value that is looked up, in the form in which values are compared.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its normal form (of a URL that for comparison); the trimmed text when it is nothing known.</param>
internal readonly record struct LookupValue(IndicatorKind Kind, string Text)
{
    /// <summary>Whether the value was read as an indicator; if not, it can meet subjects only.</summary>
    public bool IsUnderstood => Kind != IndicatorKind.Unknown;

    public static LookupValue Of(string input)
    {
        _ = IndicatorNormalizer.TryDetect(input, out var kind, out var text);
        return new LookupValue(kind, kind == IndicatorKind.Url ? UrlText.ForComparison(text) : text);
    }
}
