namespace PhishMe.Engine.Network;

/// <summary>
/// Grants turns at a steady rate, to requests and to syslog events alike. Unlike the token bucket of <c>System.Threading.RateLimiting</c>,
/// which reads the system's clock, it runs on a <see cref="TimeProvider"/>: that the rate holds can be proven without waiting.
/// </summary>
/// <remarks>
/// It holds a tenth of a second's worth: never more than rate × time is granted, and after a pause at most a tenth above it.
/// Not for concurrent use.
/// </remarks>
internal sealed class TokenBucket
{
    private readonly int _rate;
    private readonly TimeProvider _time;
    private readonly long _unit;
    private long _credit;
    private long _refilled;

    /// <summary>Creates a bucket.</summary>
    /// <param name="rate">Turns per second.</param>
    /// <param name="time">The clock.</param>
    /// <param name="full">Whether the first turns need no wait; otherwise it starts empty.</param>
    public TokenBucket(int rate, TimeProvider time, bool full = false)
    {
        _rate = rate;
        _time = time;
        _unit = time.TimestampFrequency;
        Capacity = Math.Max(1, rate / 10);
        _credit = full ? Capacity * _unit : 0;
        _refilled = time.GetTimestamp();
    }

    /// <summary>The most turns granted at once.</summary>
    public int Capacity { get; }

    /// <summary>Waits until the bucket can give what is wanted, or all it can hold.</summary>
    /// <param name="wanted">Turns wanted, 1 or more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Turns granted: <paramref name="wanted"/>, at most <see cref="Capacity"/>.</returns>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        var granted = Math.Min(wanted, Capacity);
        // Credit counts clock ticks × turns per second: whole numbers, so that no fraction is ever lost.
        var price = granted * _unit;
        while (true)
        {
            var now = _time.GetTimestamp();
            // A second fills any bucket; more would only overflow after a long pause.
            _credit = Math.Min(_credit + (Math.Min(now - _refilled, _unit) * _rate), Capacity * _unit);
            _refilled = now;
            if (_credit >= price)
            {
                _credit -= price;
                return granted;
            }

            // Timers count whole milliseconds; waiting for less would spin.
            var seconds = (double)(price - _credit) / _rate / _unit;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000)), _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
