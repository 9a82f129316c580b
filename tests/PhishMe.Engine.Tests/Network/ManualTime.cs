namespace PhishMe.Engine.Tests.Network;

/// <summary>A clock that stands still unless somebody waits on it: a wait moves it to its end at once.</summary>
internal sealed class ManualTime(DateTimeOffset start, TimeZoneInfo? zone = null) : TimeProvider
{
    private readonly Lock _gate = new();
    private long _ticks;

    /// <summary>Time gone by since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>The waits that were asked for.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => zone ?? TimeZoneInfo.Utc;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => start + Elapsed;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    // Time limits (more than a second) never fire here; pauses of the rate (up to a second) end at once, with the clock moved on.
    private bool EndsAtOnce(TimeSpan dueTime)
    {
        if (dueTime > TimeSpan.FromSeconds(1) || dueTime < TimeSpan.Zero)
        {
            return false;
        }

        lock (_gate)
        {
            Waits.Add(dueTime);
            Advance(dueTime);
        }

        return true;
    }

    private sealed class Timer(ManualTime clock, Action callback) : ITimer
    {
        private volatile bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
            {
                return false;
            }

            if (clock.EndsAtOnce(dueTime))
            {
                ThreadPool.QueueUserWorkItem(_ => callback());
            }

            return true;
        }

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
