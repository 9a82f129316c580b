namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Shows what a test turned it to; timers go on as ever.</summary>
internal sealed class TurnedClock(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset _now = now;

    public void Turn(TimeSpan by) => _now += by;

    public override DateTimeOffset GetUtcNow() => _now;
}
