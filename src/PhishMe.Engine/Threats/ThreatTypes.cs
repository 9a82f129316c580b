using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// The words the API uses for the products: upper case in search answers, lower case in the changelog and in paths (reference/api.md §5).
/// </summary>
internal static class ThreatTypes
{
    public static ThreatType? Parse(string? word) =>
        string.Equals(word, "malware", StringComparison.OrdinalIgnoreCase) ? ThreatType.Malware
        : string.Equals(word, "phish", StringComparison.OrdinalIgnoreCase) ? ThreatType.Phish
        : null;

    /// <summary>As paths and parameters have it.</summary>
    public static string Word(ThreatType type) => type == ThreatType.Malware ? "malware" : "phish";

    /// <summary>As search answers have it.</summary>
    public static string UpperWord(ThreatType type) => type == ThreatType.Malware ? "MALWARE" : "PHISH";
}
