namespace PhishMe.Torture;

/// <summary>Stands still, so that what is published while a simulator runs has the same dates in every simulator.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
