using Microsoft.Extensions.Time.Testing;

namespace PhishMe.Engine.Tests.Network;

/// <summary>A clock that stands still unless someone waits on it: a wait of up to a second moves it to its end at once.</summary>
/// <remarks>Timers are its own, because those of FakeTimeProvider fire only when a test moves the clock, and here no one but the waiting code does.</remarks>
internal sealed class ManualTime : FakeTimeProvider
{
    private readonly Lock _gate = new();

    public ManualTime(DateTimeOffset start, TimeZoneInfo? zone = null)
        : base(start) => SetLocalTimeZone(zone ?? TimeZoneInfo.Utc);

    /// <summary>Time gone by since the start.</summary>
    public TimeSpan Elapsed => GetUtcNow() - Start;

    /// <summary>The waits that were asked for.</summary>
    public List<TimeSpan> Waits { get; } = [];

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
