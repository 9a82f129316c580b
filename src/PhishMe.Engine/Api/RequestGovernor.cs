using PhishMe.Engine.Network;

namespace PhishMe.Engine.Api;

/// <summary>
/// The one brake on all requests of a run: so many in flight, so many begun per second, and nobody while the server asks for a pause.
/// </summary>
internal sealed class RequestGovernor : IDisposable
{
    private readonly SemaphoreSlim _inFlight;
    private readonly SemaphoreSlim _door = new(1);
    private readonly TokenBucket _rate;
    private readonly TimeSpan _longestPause;
    private readonly TimeProvider _clock;
    private long _pausedUntil = long.MinValue;

    /// <param name="concurrentRequests">Requests in flight at most.</param>
    /// <param name="requestsPerSecond">Requests begun per second at most.</param>
    /// <param name="longestPause">A pause longer than this is not waited for.</param>
    /// <param name="clock">The clock of rate and pause.</param>
    public RequestGovernor(int concurrentRequests, int requestsPerSecond, TimeSpan longestPause, TimeProvider clock)
    {
        _inFlight = new SemaphoreSlim(concurrentRequests);
        _rate = new TokenBucket(requestsPerSecond, clock, full: true);
        _longestPause = longestPause;
        _clock = clock;
    }

    /// <summary>Waits for a turn. Dispose the result when the answer was read.</summary>
    /// <exception cref="ApiException">The server wants to be left alone for longer than anybody waits.</exception>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _inFlight.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // One at a time goes through the door: who waits there for the end of a pause holds up all behind him.
            await _door.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                _ = LeftOfPause(); // Not even the rate is waited for in vain.
                await _rate.TakeAsync(1, cancellationToken).ConfigureAwait(false);
                // Last: the pause may have begun while we waited for the rate.
                await WaitOutPauseAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _door.Release();
            }

            return new Turn(_inFlight);
        }
        catch
        {
            _inFlight.Release();
            throw;
        }
    }

    /// <summary>Nobody begins a request before the pause is over; the longest pause asked for wins.</summary>
    public void Pause(TimeSpan duration)
    {
        // Not the time of day: somebody may set that while a pause lasts.
        var until = _clock.GetTimestamp() + (long)(duration.TotalSeconds * _clock.TimestampFrequency);
        long current;
        do
        {
            current = Volatile.Read(ref _pausedUntil);
        }
        while (until > current && Interlocked.CompareExchange(ref _pausedUntil, until, current) != current);
    }

    public void Dispose()
    {
        _inFlight.Dispose();
        _door.Dispose();
    }

    private async ValueTask WaitOutPauseAsync(CancellationToken cancellationToken)
    {
        while (LeftOfPause() is var left && left > TimeSpan.Zero)
        {
            // Timers count whole milliseconds and must not fire early.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="ApiException">More than anybody waits for.</exception>
    private TimeSpan LeftOfPause()
    {
        var until = Volatile.Read(ref _pausedUntil);
        var now = _clock.GetTimestamp();
        var left = until <= now ? TimeSpan.Zero : _clock.GetElapsedTime(now, until);
        return left <= _longestPause
            ? left
            : throw new ApiException(
                ApiFailure.Throttled,
                FormattableString.Invariant($"The API asks for a pause of {left.TotalSeconds:0} seconds, which is longer than a run waits."),
                "the pause that the API asked for")
            {
                RetryAfter = left,
            };
    }

    private sealed class Turn(SemaphoreSlim inFlight) : IDisposable
    {
        private SemaphoreSlim? _inFlight = inFlight;

        public void Dispose() => Interlocked.Exchange(ref _inFlight, null)?.Release();
    }
}
