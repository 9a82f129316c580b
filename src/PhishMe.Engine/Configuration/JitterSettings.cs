namespace PhishMe.Engine.Configuration;

/// <summary>[pm_jitter]: spreads the load of many installations over the interval.</summary>
internal sealed record JitterSettings
{
    /// <summary>Whether a run waits before it starts.</summary>
    public required bool Use { get; init; }

    /// <summary>Interval of the scheduler in minutes, 5 to 1440.</summary>
    public required int FrequencyMinutes { get; init; }

    /// <summary>Minutes to wait, 0 to frequency − 1; null when none was chosen yet.</summary>
    public int? OffsetMinutes { get; init; }
}
