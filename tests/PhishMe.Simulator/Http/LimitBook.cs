using System.Globalization;

namespace PhishMe.Simulator.Http;

/// <summary>Holds requests to the limits of the simulated server.</summary>
internal sealed class LimitBook(HostLimits limits, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private HostLimits _limits = limits;
    private SemaphoreSlim? _workers = limits.Workers is int workers ? new SemaphoreSlim(workers) : null;
    private double _tokens = limits.Burst;
    private long _refilled = clock.GetTimestamp();
    private int _underWay;

    /// <summary>The limits; they may change at any time, as those of servers do.</summary>
    public HostLimits Limits
    {
        get
        {
            lock (_lock)
            {
                return _limits;
            }
        }

        set
        {
            lock (_lock)
            {
                _limits = value;
                _workers = value.Workers is int workers ? new SemaphoreSlim(workers) : null;
                _tokens = value.Burst;
                _refilled = clock.GetTimestamp();
            }
        }
    }

    /// <summary>A request came. To be followed by <see cref="Leave"/>.</summary>
    /// <returns>Whether its connection is to be closed.</returns>
    public bool Enter()
    {
        lock (_lock)
        {
            return ++_underWay > _limits.HangsUpBeyond;
        }
    }

    /// <summary>A request is over.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _underWay--;
        }
    }

    /// <summary>Takes a request from what is allowed per second.</summary>
    /// <returns>Null, or the refusal.</returns>
    public Answer? Refusal()
    {
        lock (_lock)
        {
            if (_limits.PerSecond is not double rate)
            {
                return null;
            }

            var now = clock.GetTimestamp();
            _tokens = Math.Min(_limits.Burst, _tokens + (clock.GetElapsedTime(_refilled, now).TotalSeconds * rate));
            _refilled = now;
            if (_tokens >= 1)
            {
                _tokens--;
                return null;
            }

            var answer = Answer.Problem(StatusCodes.Status429TooManyRequests, "Too many requests");
            if (_limits.SaysRetryAfter)
            {
                answer.Headers["Retry-After"] = Math.Ceiling((1 - _tokens) / rate).ToString(CultureInfo.InvariantCulture);
            }

            return answer;
        }
    }

    /// <summary>Waits for a worker and for its work.</summary>
    public async Task WorkAsync(CancellationToken cancellationToken)
    {
        SemaphoreSlim? workers;
        TimeSpan work;
        lock (_lock)
        {
            (workers, work) = (_workers, _limits.Work);
        }

        if (workers is null)
        {
            return;
        }

        await workers.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(work, clock, cancellationToken);
        }
        finally
        {
            workers.Release();
        }
    }
}
