using System.Threading.RateLimiting;

namespace PhishMe.Engine.Api;

/// <summary>
/// The one brake on all requests of a run: so many in flight, so many begun per second, and nobody while the server asks for a pause.
/// </summary>
internal sealed class RequestGovernor : IDisposable
{
    private readonly ConcurrencyLimiter _inFlight;
    private readonly TokenBucketRateLimiter _rate;
    private readonly TimeProvider _clock;
    private long _pausedUntil = long.MinValue;

    public RequestGovernor(int concurrentRequests, int requestsPerSecond, TimeProvider clock)
    {
        _clock = clock;
        _inFlight = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = concurrentRequests,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        // Tenths of a second keep the flow even; below ten a second one token arrives at a time.
        bool tenths = requestsPerSecond >= 10;
        _rate = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = requestsPerSecond,
            TokensPerPeriod = tenths ? requestsPerSecond / 10 : 1,
            ReplenishmentPeriod = tenths ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / requestsPerSecond),
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            AutoReplenishment = true,
        });
    }

    /// <summary>Waits for a turn. Dispose the result when the answer was read.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        RateLimitLease slot = await _inFlight.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        try
        {
            await WaitOutPauseAsync(cancellationToken).ConfigureAwait(false);
            using RateLimitLease token = await _rate.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            return slot;
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    /// <summary>Nobody begins a request before the pause is over; the longest pause asked for wins.</summary>
    public void Pause(TimeSpan duration)
    {
        // Not the time of day: somebody may set that while a pause lasts.
        long until = _clock.GetTimestamp() + (long)(duration.TotalSeconds * _clock.TimestampFrequency);
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
        _rate.Dispose();
    }

    private async ValueTask WaitOutPauseAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long until = Volatile.Read(ref _pausedUntil);
            long now = _clock.GetTimestamp();
            if (until <= now)
            {
                return;
            }

            await Task.Delay(_clock.GetElapsedTime(now, until), _clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
