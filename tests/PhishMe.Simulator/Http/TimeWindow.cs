namespace PhishMe.Simulator.Http;

/// <summary>A window of time in epoch milliseconds, bounds included.</summary>
internal readonly record struct TimeWindow(long Begin, long End)
{
    // Beyond this, seconds would overflow as milliseconds.
    private const long LastSecond = 200_000_000_000_000;

    /// <summary>Reads the bounds, which come in seconds. Milliseconds are no error for the server: they just name a time in which nothing happened.</summary>
    public static TimeWindow Of(RequestParameters parameters, SimulatorOptions options, DateTimeOffset? defaultBegin, DateTimeOffset? defaultEnd)
    {
        var begin = parameters.Number("beginTimestamp") is { } b ? Math.Min(b, LastSecond) * 1000 : defaultBegin?.ToUnixTimeMilliseconds();
        var end = parameters.Number("endTimestamp") is { } e
            ? (Math.Min(e, LastSecond) * 1000) + (options.EndCoversWholeSecond ? 999 : 0)
            : defaultEnd?.ToUnixTimeMilliseconds();
        if (begin > end)
        {
            throw new BadRequestException("beginTimestamp is later than endTimestamp");
        }

        return new TimeWindow(begin ?? long.MinValue, end ?? long.MaxValue);
    }
}
