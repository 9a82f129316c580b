using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// The signs by which the vendor says that something is benign and merely part of what malware touches (reference/threat.md §2.2 and §4).
/// </summary>
internal static class VendorJudgement
{
    /// <summary>Whether any sign is there: impact None, a role for public services, or a file of an ordinary program.</summary>
    public static bool IsBenign(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return IsBenign(indicator.Impact, indicator.Role, indicator.Subclass);
    }

    /// <summary>The same for its parts.</summary>
    /// <param name="impact">The impact; null when not rated.</param>
    /// <param name="role">The role.</param>
    /// <param name="subclass">The finer infrastructure type, or what kind of file it is.</param>
    public static bool IsBenign(Impact? impact, string? role, string? subclass) =>
        impact == Impact.None || IsPublicService(role) || IsRepurposedProgram(subclass);

    /// <summary>A service that malware asks for its own public address, or with which it checks its connection.</summary>
    public static bool IsPublicService(string? role) => role.AsSpan().Trim().Equals("IDinfo", StringComparison.OrdinalIgnoreCase);

    /// <summary>"Otherwise benign software application repurposed for use by malware", in any spelling.</summary>
    public static bool IsRepurposedProgram(string? subtype) =>
        subtype is not null
        && subtype.Contains("benign", StringComparison.OrdinalIgnoreCase)
        && (subtype.Contains("repurposed", StringComparison.OrdinalIgnoreCase) || subtype.Contains("otherwise", StringComparison.OrdinalIgnoreCase));
}
