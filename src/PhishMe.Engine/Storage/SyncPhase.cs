namespace PhishMe.Engine.Storage;

/// <summary>Where a sync stands.</summary>
internal enum SyncPhase
{
    /// <summary>Backfill of CEF, by windows of 24 hours.</summary>
    CefWindows,

    /// <summary>Backfill of JSON and STIX, by pages of the search.</summary>
    Pages,

    /// <summary>Following the changelog.</summary>
    Following,
}
