using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network.Pacing;

/// <summary>What a host answers, and when.</summary>
internal readonly record struct SimulatedAnswer(PaceOutcome Outcome, TimeSpan Latency, TimeSpan? RetryAfter = null);

/// <summary>A host in simulated time. Requests arrive in the order of time.</summary>
internal abstract class SimulatedHost
{
    public abstract SimulatedAnswer Serve(TimeSpan now);

    protected static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}

/// <summary>Answers always equally fast, or with the scatter of an exponential distribution around it.</summary>
internal sealed class SteadyHost(double milliseconds, double scatter = 0, int seed = 1, double hangsUp = 0) : SimulatedHost
{
#pragma warning disable CA5394 // A simulation has to be repeatable.
    private readonly Random _random = new(seed);

    public override SimulatedAnswer Serve(TimeSpan now)
    {
        var latency = Milliseconds((milliseconds * (1 - scatter)) - (milliseconds * scatter * Math.Log(1 - _random.NextDouble())));
        return new(_random.NextDouble() < hangsUp ? PaceOutcome.Overloaded : PaceOutcome.Answered, latency);
    }
#pragma warning restore CA5394
}

/// <summary>A token bucket that answers 429 when it is empty.</summary>
internal sealed class TokenBucketHost(double perSecond, double capacity, double milliseconds, bool saysRetryAfter = false) : SimulatedHost
{
    private double _spent;
    private TimeSpan _refilled;

    public override SimulatedAnswer Serve(TimeSpan now)
    {
        _spent = Math.Max(0, _spent - ((now - _refilled).TotalSeconds * perSecond));
        _refilled = now;
        if (_spent + 1 <= capacity)
        {
            _spent++;
            return new(PaceOutcome.Answered, Milliseconds(milliseconds));
        }

        // Whole seconds, as in the header.
        TimeSpan? retryAfter = saysRetryAfter ? TimeSpan.FromSeconds(Math.Ceiling((_spent + 1 - capacity) / perSecond)) : null;
        return new(PaceOutcome.Refused, Milliseconds(milliseconds), retryAfter);
    }
}

/// <summary>So many requests in each window of time; then 429 to its end.</summary>
internal sealed class WindowHost(int requests, double windowSeconds, double milliseconds) : SimulatedHost
{
    private long _window = -1;
    private int _count;

    public override SimulatedAnswer Serve(TimeSpan now)
    {
        var window = (long)(now.TotalSeconds / windowSeconds);
        _count = window == _window ? _count + 1 : 1;
        _window = window;
        return _count <= requests
            ? new(PaceOutcome.Answered, Milliseconds(milliseconds))
            : new(PaceOutcome.Refused, Milliseconds(milliseconds), TimeSpan.FromSeconds(Math.Ceiling(((window + 1) * windowSeconds) - now.TotalSeconds)));
    }
}

/// <summary>Works on so many requests at a time; the others wait in its queue.</summary>
internal sealed class QueueHost(int workers, double milliseconds) : SimulatedHost
{
    private readonly TimeSpan[] _free = new TimeSpan[workers];

    public override SimulatedAnswer Serve(TimeSpan now)
    {
        var next = Array.IndexOf(_free, _free.Min());
        var begin = _free[next] > now ? _free[next] : now;
        _free[next] = begin + Milliseconds(milliseconds);
        return new(PaceOutcome.Answered, _free[next] - now);
    }
}

/// <summary>Hangs up on whatever comes while so many requests are under way.</summary>
internal sealed class HangingUpHost(int most, double milliseconds) : SimulatedHost
{
    private readonly List<TimeSpan> _ends = [];

    public override SimulatedAnswer Serve(TimeSpan now)
    {
        _ends.RemoveAll(end => end <= now);
        if (_ends.Count >= most)
        {
            return new(PaceOutcome.Overloaded, Milliseconds(1));
        }

        // The answer is on its way for a while; meanwhile the place is free.
        _ends.Add(now + Milliseconds(milliseconds * 0.8));
        return new(PaceOutcome.Answered, Milliseconds(milliseconds));
    }
}

/// <summary>Is another host from time to time.</summary>
internal sealed class ChangingHost(double everySeconds, params SimulatedHost[] hosts) : SimulatedHost
{
    public override SimulatedAnswer Serve(TimeSpan now) => hosts[(int)(now.TotalSeconds / everySeconds) % hosts.Length].Serve(now);
}
