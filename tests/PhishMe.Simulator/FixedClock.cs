namespace PhishMe.Simulator;

/// <summary>
/// A clock that always shows the same time of day, so that what is published while a simulator runs has the same dates in every simulator of that seed.
/// Latencies and rates go on: only the time of day stands still.
/// </summary>
/// <param name="now">The time of day.</param>
public sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => now;
}
