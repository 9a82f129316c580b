namespace PhishMe.Engine.Tests.Configuration;

/// <summary>A clock that shows one time.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
