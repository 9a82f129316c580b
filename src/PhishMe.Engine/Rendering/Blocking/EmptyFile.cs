using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>The hashes of the file without content. Sandboxes and broken downloads report them; each matches every empty file on earth.</summary>
internal static class EmptyFile
{
    /// <summary>Whether a hash in normal form is that of the empty file; by ssdeep, of one too small to say anything.</summary>
    public static bool IsHash(IndicatorKind kind, string value)
    {
        var descriptor = IndicatorKinds.Of(kind);
        return descriptor.Shape == IndicatorShape.FuzzyHash ? value.StartsWith("3::", StringComparison.Ordinal) : value == descriptor.EmptyFile;
    }
}
