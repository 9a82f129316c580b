namespace PhishMe.Engine.Storage;

/// <summary>When what was set aside is tried again: first on the next run, then in growing distance up to a day.</summary>
internal static class DeadLetterSchedule
{
    private static readonly TimeSpan _firstDistance = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _longestDistance = TimeSpan.FromDays(1);

    /// <summary>The time before which there is no other try.</summary>
    /// <param name="attempts">Tries so far, this one included.</param>
    /// <param name="now">Our clock.</param>
    public static DateTimeOffset DueAfter(int attempts, DateTimeOffset now)
    {
        // The first retry is due at once, that is: on the next run.
        var distance = attempts == 1 ? TimeSpan.Zero : _firstDistance * Math.Pow(2, Math.Min(attempts - 2, 10));
        return now + (distance < _longestDistance ? distance : _longestDistance);
    }
}
