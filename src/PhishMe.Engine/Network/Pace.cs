namespace PhishMe.Engine.Network;

/// <summary>
/// Decides when the next request to one host may begin: so many in flight, so many per second, none while the host has asked for a pause.
/// The limits are found while requests are answered; the ceilings always hold.
/// </summary>
/// <remarks>Pure: time is an argument. Not for concurrent use; <see cref="RequestGovernor"/> is the gate around it.</remarks>
internal sealed class Pace
{
    private readonly PaceCeilings _ceilings;
    private readonly LearntPace? _before;
    private readonly ConcurrencyLimit _concurrency;
    private readonly RateLimit _rate;
    private TimeSpan _pausedUntil;
    private double _credit;
    private TimeSpan _refilled;
    private bool _waited;

    /// <param name="ceilings">What a person allows.</param>
    /// <param name="learnt">What an earlier run found out; null when the host is new.</param>
    public Pace(PaceCeilings ceilings, LearntPace? learnt = null)
    {
        _ceilings = ceilings;
        _before = learnt;
        _concurrency = new ConcurrencyLimit(ceilings.InFlight, learnt?.InFlight);
        _rate = new RateLimit(learnt?.PerSecond);
        _credit = Burst(PerSecond ?? 0);
    }

    /// <summary>Requests in flight.</summary>
    public int InFlight { get; private set; }

    /// <summary>Requests that may be in flight now.</summary>
    public int Limit => _concurrency.Current;

    /// <summary>Requests that may begin per second now; null when there is no limit.</summary>
    public double? PerSecond => _rate.PerSecond is double found
        ? Math.Min(found, _ceilings.PerSecond ?? double.MaxValue)
        : _ceilings.PerSecond;

    /// <summary>Requests that the host refused because they came too fast.</summary>
    public int Refused { get; private set; }

    /// <summary>Whether anything was found out since this began.</summary>
    public bool HasLearnt => _concurrency.HasLearnt || _rate.HasLearnt;

    /// <summary>What is known of the host by now; null when nothing is.</summary>
    public LearntPace? Learnt => HasLearnt
        ? new LearntPace(_concurrency.Learnt, _rate.Learnt)
        : _before;

    /// <summary>How long the pause lasts that the host asked for.</summary>
    /// <param name="now">Time since a fixed moment.</param>
    public TimeSpan LeftOfPause(TimeSpan now) => _pausedUntil > now ? _pausedUntil - now : TimeSpan.Zero;

    /// <summary>Lets a request begin if it may.</summary>
    /// <param name="now">Time since a fixed moment.</param>
    /// <param name="ticket">To be handed back with <see cref="Leave"/>.</param>
    /// <param name="wait">When it is worth asking again; infinite when only the end of another request changes anything.</param>
    /// <returns>Whether it may.</returns>
    public bool TryEnter(TimeSpan now, out PaceTicket ticket, out TimeSpan wait)
    {
        ticket = default;
        if (InFlight >= Limit)
        {
            wait = Timeout.InfiniteTimeSpan;
            return false;
        }

        wait = LeftOfPause(now);
        if (wait > TimeSpan.Zero)
        {
            return false;
        }

        if (PerSecond is double rate)
        {
            // After a pause a second's worth would be a storm.
            _credit = Math.Min(_credit + (Math.Min((now - _refilled).TotalSeconds, 1) * rate), Burst(rate));
            _refilled = now;
            if (_credit < 1 - 1e-6)
            {
                _waited = true;
                // Timers count whole milliseconds; waiting for less would spin.
                wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((1 - _credit) / rate * 1000)));
                return false;
            }

            _credit--;
        }

        InFlight++;
        ticket = new PaceTicket(now, _concurrency.Epoch, InFlight, _waited);
        _waited = false;
        return true;
    }

    /// <summary>A request is over.</summary>
    /// <param name="ticket">What <see cref="TryEnter"/> gave.</param>
    /// <param name="kind">Requests of one kind are answered equally fast by a host at ease.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="latency">From its beginning to the head of the answer.</param>
    /// <param name="retryAfter">How long the host asks to wait; null when it does not say.</param>
    /// <param name="now">Time since a fixed moment.</param>
    public void Leave(PaceTicket ticket, string kind, PaceOutcome outcome, TimeSpan latency, TimeSpan? retryAfter, TimeSpan now)
    {
        InFlight--;
        switch (outcome)
        {
            case PaceOutcome.Answered:
                _concurrency.Answered(kind, latency, ticket.Epoch, ticket.InFlight, now);
                _rate.Accepted(ticket.Waited, now);
                break;
            case PaceOutcome.Refused:
                Refused++;
                Pause(_rate.Refused(ticket.Began, retryAfter, now), now);
                break;
            case PaceOutcome.Overloaded:
                _concurrency.Failed(ticket.Epoch, ticket.InFlight, now);
                Pause(retryAfter ?? TimeSpan.Zero, now);
                break;
            case PaceOutcome.Abandoned:
            default:
                break;
        }
    }

    /// <summary>No request begins before the pause is over; the longest pause asked for wins.</summary>
    private void Pause(TimeSpan duration, TimeSpan now)
    {
        if (now + duration > _pausedUntil)
        {
            _pausedUntil = now + duration;
        }
    }

    /// <summary>Requests that may begin at once: a tenth of a second's worth.</summary>
    private static double Burst(double rate) => Math.Max(1, rate / 10);
}
