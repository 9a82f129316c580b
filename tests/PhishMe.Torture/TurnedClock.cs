using Microsoft.Extensions.Time.Testing;

namespace PhishMe.Torture;

/// <summary>Shows what a test turned it to.</summary>
/// <remarks>Timers and stopwatches are the system's: a run on it waits for real sockets and files, which a clock that stands still would make endless.</remarks>
internal class TurnedClock(DateTimeOffset now) : FakeTimeProvider(now)
{
    public override long TimestampFrequency => System.TimestampFrequency;

    /// <summary>Moves what it shows, back as well.</summary>
    public void Turn(TimeSpan by) => AdjustTime(GetUtcNow() + by);

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime, period);
}
