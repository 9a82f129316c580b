using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>How long an indicator is valid at a product that wants an end for each.</summary>
internal static class IndicatorValidity
{
    private const int LongestDays = 3650;

    /// <summary>The validity; what is kept for good elsewhere ends after ten years here.</summary>
    public static TimeSpan Of(DeliverySettings wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return TimeSpan.FromDays(wanted.RetentionDays is > 0 and <= LongestDays ? wanted.RetentionDays : LongestDays);
    }

    /// <summary>When an indicator of a threat ends: counted from its last date, or from now without one. A date ahead of now counts as now.</summary>
    public static DateTimeOffset EndOf(Threat threat, TimeSpan validity, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(threat);
        var last = threat.LastPublished ?? threat.FirstPublished ?? now;
        return (last > now ? now : last) + validity;
    }

    /// <summary>
    /// The part of the validity that an end falls into, of two: a threat that is published again is worth sending again when it crosses into a new one.
    /// </summary>
    public static string Half(DateTimeOffset end, TimeSpan validity) =>
        (end.ToUnixTimeMilliseconds() / Math.Max(1, (long)validity.TotalMilliseconds / 2)).ToString(CultureInfo.InvariantCulture);

    /// <summary>A time as the products write it: UTC, whole milliseconds.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
