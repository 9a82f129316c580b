namespace PhishMe.PowerShell.Binding;

/// <summary>
/// The one rule for times that a person writes: what names no zone is UTC, as in config.ini, the log and phishme, so that a date is the same day in every
/// zone. A DateTime that knows its zone, such as one of Get-Date, means what it says.
/// </summary>
internal static class PointInTime
{
    /// <summary>The time meant.</summary>
    /// <param name="time">The time as it was bound: a text without a zone has no kind, one with a zone is local.</param>
    /// <returns>The time.</returns>
    public static DateTimeOffset Of(DateTime time) => time.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(time, TimeSpan.Zero) : new DateTimeOffset(time);

    /// <summary>The time meant; null for none.</summary>
    /// <param name="time">The time as it was bound.</param>
    /// <returns>The time.</returns>
    public static DateTimeOffset? Of(DateTime? time) => time is DateTime given ? Of(given) : null;
}
