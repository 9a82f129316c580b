using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The times of the STIX 2.1 objects of one version of a threat.</summary>
/// <param name="Created">Of all versions.</param>
/// <param name="Modified">Of this version: it grows with each.</param>
/// <param name="Last">The last publication, from which the validity counts; null when the vendor gives no date.</param>
internal readonly record struct StixTimes(string Created, string Modified, DateTimeOffset? Last)
{
    /// <param name="threat">The threat.</param>
    /// <param name="modified">Time of this version; null for the last publication, one millisecond later when withdrawn, so that it supersedes.</param>
    /// <param name="clock">Says when a threat without any date was received, unless it does so itself. Nothing else is computed from that.</param>
    public static StixTimes Of(Threat threat, DateTimeOffset? modified, TimeProvider clock)
    {
        var last = threat.LastPublished ?? threat.FirstPublished;
        var first = threat.FirstPublished ?? threat.LastPublished ?? threat.ReceivedAt ?? clock.GetUtcNow();
        var version = Later(Later(last, threat.ReceivedAt), first) ?? first;
        if (modified is DateTimeOffset given)
        {
            version = given;
        }
        else if (threat.Withdrawn && version < DateTimeOffset.MaxValue.AddSeconds(-1))
        {
            version = version.AddMilliseconds(1);
        }

        return new StixTimes(Utf8Writing.TimeText(first), Utf8Writing.TimeText(version < first ? first : version), Later(last, threat.FirstPublished));
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other ?? one : one;
}
