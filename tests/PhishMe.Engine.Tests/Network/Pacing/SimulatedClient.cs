using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network.Pacing;

/// <summary>One process with work without end, and what became of it.</summary>
internal abstract class SimulatedClient
{
    public static readonly TimeSpan BackOff = TimeSpan.FromSeconds(1);

    public TimeSpan Starts { get; init; }

    /// <summary>Tasks that have nothing under way; a task whose request failed waits before it tries again.</summary>
    public int Idle { get; set; } = 24;

    /// <summary>When each answer came.</summary>
    public List<TimeSpan> Answers { get; } = [];

    /// <summary>When each request was refused or broken off.</summary>
    public List<TimeSpan> Failures { get; } = [];

    public double FailedShare => (double)Failures.Count / Math.Max(1, Answers.Count + Failures.Count);

    /// <summary>Answers per second in a part of the time.</summary>
    public double Throughput(double fromSecond, double toSecond) =>
        Answers.Count(answer => answer.TotalSeconds >= fromSecond && answer.TotalSeconds < toSecond) / (toSecond - fromSecond);

    public abstract bool TryEnter(TimeSpan now, out PaceTicket ticket, out TimeSpan wait);

    public abstract void Leave(PaceTicket ticket, SimulatedAnswer answer, TimeSpan now);
}

/// <summary>Paced by what is tested.</summary>
internal sealed class AdaptiveClient(Pace pace, string kind = "any") : SimulatedClient
{
    /// <summary>The limit at each answer.</summary>
    public List<(TimeSpan At, int Limit)> Limits { get; } = [];

    public Pace Pace => pace;

    public override bool TryEnter(TimeSpan now, out PaceTicket ticket, out TimeSpan wait) => pace.TryEnter(now, out ticket, out wait);

    public override void Leave(PaceTicket ticket, SimulatedAnswer answer, TimeSpan now)
    {
        pace.Leave(ticket, kind, answer.Outcome, answer.Latency, answer.RetryAfter, now);
        Limits.Add((now, pace.Limit));
    }
}

/// <summary>What a person could set: so many in flight, so many per second.</summary>
internal sealed class FixedClient(int inFlight, double perSecond) : SimulatedClient
{
    private int _inFlight;
    private TimeSpan _next;
    private TimeSpan _pausedUntil;

    public override bool TryEnter(TimeSpan now, out PaceTicket ticket, out TimeSpan wait)
    {
        ticket = new PaceTicket(now, 0, _inFlight + 1, Waited: false);
        wait = Timeout.InfiniteTimeSpan;
        if (_inFlight >= inFlight)
        {
            return false;
        }

        var due = _next > _pausedUntil ? _next : _pausedUntil;
        if (due > now)
        {
            wait = due - now;
            return false;
        }

        _next = (_next > now ? _next : now) + TimeSpan.FromSeconds(1 / perSecond);
        _inFlight++;
        return true;
    }

    public override void Leave(PaceTicket ticket, SimulatedAnswer answer, TimeSpan now)
    {
        _inFlight--;
        if (answer.RetryAfter is TimeSpan pause && now + pause > _pausedUntil)
        {
            _pausedUntil = now + pause;
        }
    }
}
