namespace PhishMe.Engine.Api;

/// <summary>Numbers the API sets, and the size caps that protect against an answer that is not from it.</summary>
internal static class ApiLimits
{
    /// <summary>Entries of a full changelog answer (reference/api.md §4): fewer means it was the last.</summary>
    public const int ChangelogEntries = 1000;

    /// <summary>Longest CEF window (seconds) the original asks for (reference/api.md §2).</summary>
    public const int CefWindowSeconds = 86_400;

    /// <summary>A page of 100 threats is 1 to 5 MB.</summary>
    public const int LargestPageBytes = 256 * 1024 * 1024;

    /// <summary>CEF or STIX of one threat; 100 kB and more is normal for STIX.</summary>
    public const int LargestThreatBytes = 32 * 1024 * 1024;
}
