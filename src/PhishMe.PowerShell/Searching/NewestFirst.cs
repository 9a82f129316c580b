using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Searching;

/// <summary>
/// The newest threats of a search. Neither the API nor the store promises an order, so the search goes back in time window by window, each four times as
/// long as the one before, until there are enough. Within a window only the newest so many are kept.
/// </summary>
internal static class NewestFirst
{
    private const int Growth = 4;
    private static readonly TimeSpan FirstWindow = TimeSpan.FromDays(1);

    /// <summary>Longer than the vendor has published: what is older comes in the last window, which has no beginning.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1500);

    /// <summary>The windows, the newest first.</summary>
    /// <param name="query">The search; its own bounds hold.</param>
    /// <param name="now">The time.</param>
    /// <returns>The search, once for each window.</returns>
    public static IEnumerable<ThreatQuery> Windows(ThreatQuery query, DateTimeOffset now)
    {
        query = query with { First = null };
        var end = query.PublishedBefore;
        var begin = end ?? now;
        for (var length = FirstWindow; ; length *= Growth)
        {
            begin = length <= LongestWindow && begin - DateTimeOffset.MinValue > length ? begin - length : DateTimeOffset.MinValue;
            if (begin <= (query.PublishedAfter ?? DateTimeOffset.UnixEpoch))
            {
                yield return query with { PublishedBefore = end };
                yield break;
            }

            yield return query with { PublishedAfter = begin, PublishedBefore = end };
            end = begin;
        }
    }
}
