namespace PhishMe.Engine.Network;

/// <summary>
/// How many requests a second a host accepts, found from what it refuses. There is no limit before the first refusal. Between two refusals a host
/// that counts requests accepted just what it allows, so their number divided by that time is its limit.
/// </summary>
/// <remarks>Pure: time is an argument. Not for concurrent use.</remarks>
internal sealed class RateLimit
{
    /// <summary>How far below and above the limit the rate swings.</summary>
    private const double Depth = 0.1;

    /// <summary>
    /// A swing takes this long at least, whatever the rate: of processes that share a limit each grows by the same part in the same time, and who sends
    /// more is refused more often, so that they come to share it evenly.
    /// </summary>
    private static readonly TimeSpan FairSwing = TimeSpan.FromSeconds(28);

    /// <summary>At this rate (requests per second) a swing takes just the time that it should.</summary>
    private const double TypicalRate = 10;

    /// <summary>
    /// Below this rate (requests per second) it grows with time instead of with each accepted request: a process that others have pushed down would
    /// otherwise take minutes to come back.
    /// </summary>
    private const double LowRate = 2;

    /// <summary>Growth for each accepted request once a swing went past the limit without a refusal.</summary>
    private const double GrowthBeyond = 0.004;

    /// <summary>Growth for each accepted request while the limit is only a guess.</summary>
    private const double GrowthWhileGuessing = 0.01;

    /// <summary>Measurements in too short a time, each of which halves what is uncertain, before they are taken for exact.</summary>
    private const int MostGuesses = 3;

    /// <summary>
    /// Refusals with hardly a request in between before the guess is taken for exact: among processes that fill the limit each of them would lower the
    /// guess, until nothing is left of it.
    /// </summary>
    private const int MostLoweredGuesses = 6;

    /// <summary>A shorter time says too little, because pauses and what was saved up weigh too much in it.</summary>
    private static readonly TimeSpan EnoughForMeasurement = TimeSpan.FromSeconds(5);

    /// <summary>Fewer accepted requests than this are no measurement.</summary>
    private const int FewestForMeasurement = 10;

    private static readonly TimeSpan ShortestSwing = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestSwing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private double? _rate;
    private double _measured;
    private bool _isExact;
    private int _guesses;
    private int _lowered;
    private TimeSpan _swing = ShortestSwing;
    private TimeSpan? _since;
    private TimeSpan _pause;
    private TimeSpan _cutAt = TimeSpan.MinValue;
    private int _accepted;

    /// <param name="learnt">Requests per second that an earlier run found; null when the host never refused any.</param>
    public RateLimit(double? learnt = null)
    {
        _rate = learnt;
        _measured = learnt ?? 0;
        _isExact = learnt is not null;
    }

    /// <summary>Requests per second; null when there is no limit.</summary>
    public double? PerSecond => _rate;

    /// <summary>The host's limit as measured; null when it refused none.</summary>
    public double? Learnt => _rate is null ? null : _measured;

    /// <summary>Whether anything was found out.</summary>
    public bool HasLearnt { get; private set; }

    /// <summary>A request was not refused.</summary>
    /// <param name="waited">Whether requests waited for the rate.</param>
    /// <param name="now">Time since a fixed moment.</param>
    public void Accepted(bool waited, TimeSpan now)
    {
        _since ??= now;
        _accepted++;
        if (_rate is not double rate || !waited)
        {
            return;
        }

        // Who sends little grows relatively faster than who sends much, so that processes that share a limit come to share it evenly.
        var fairness = Math.Clamp(Math.Sqrt(TypicalRate / _measured), 1, 2.5);
        var step = 2 * Depth / Math.Max(_swing.TotalSeconds / fairness, FairSwing.TotalSeconds);
        if (!_isExact)
        {
            step = Math.Max(step, GrowthWhileGuessing * rate);
        }
        else if (rate > _measured * (1 + Depth))
        {
            step = Math.Max(step, GrowthBeyond * rate);
        }

        _rate = rate + (step * Math.Max(1, LowRate / rate));
    }

    /// <summary>A request was refused.</summary>
    /// <param name="began">When it began.</param>
    /// <param name="retryAfter">How long the host asks to wait; null when it does not say.</param>
    /// <param name="now">Time since a fixed moment.</param>
    /// <returns>How long to send nothing.</returns>
    public TimeSpan Refused(TimeSpan began, TimeSpan? retryAfter, TimeSpan now)
    {
        HasLearnt = true;
        if (began <= _cutAt)
        {
            return retryAfter ?? TimeSpan.Zero; // Sent before the last refusal was known.
        }

        // Of a pause one second does not count: Retry-After is rounded up to whole seconds, and not every host saves up what is not used.
        // In a short time it does, because there what was saved up is most of what was accepted.
        var elapsed = Math.Max((now - (_since ?? now)).TotalSeconds, 0.001);
        var isLong = elapsed > EnoughForMeasurement.TotalSeconds;
        elapsed -= Math.Min(_pause.TotalSeconds, 1) * (isLong ? 1 : _isExact ? 0 : 0.5);
        var observed = Math.Max(_accepted, 0.5) / elapsed;
        if (_rate is not double refused)
        {
            // What the host had saved up is in this number. Half of it is a guess; the next refusals measure.
            _measured = observed / 2;
            _isExact = false;
        }
        else if (_accepted < FewestForMeasurement)
        {
            _measured = _isExact ? _measured * 0.9 : Math.Clamp(observed * 1.5, _measured * 0.3, _measured * 0.75);
            _swing = ShortestSwing;
            _isExact = _isExact || ++_lowered >= MostLoweredGuesses;
        }
        else
        {
            // A host that saves up nothing accepts less than it allows when we send less: the truth lies between what it accepted and what it refused.
            var highest = isLong || _isExact ? observed * (1 + (2 * Depth)) : double.MaxValue;
            var between = (observed + Math.Clamp(refused, observed, Math.Max(observed, highest))) / 2;
            var isConfirmed = _isExact && Math.Abs((between / _measured) - 1) < Depth;
            _swing = isConfirmed ? Min(_swing * 2, LongestSwing) : ShortestSwing;
            _measured = between;
            _isExact = _isExact || isLong || ++_guesses >= MostGuesses;
        }

        _rate = _measured * (1 - Depth);
        _cutAt = now;
        _since = now;
        _accepted = 0;
        _pause = retryAfter ?? (_isExact ? TimeSpan.FromSeconds(Math.Min(1, 2 / _rate.Value)) : FirstPause);
        return _pause;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
