namespace PhishMe.Engine.Tests.Network;

/// <summary>A clock that moves only when it is told to, and then fires the timers on its way in their order.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _ticks;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetTimestamp() + by.Ticks;
        while (Next(target) is { } fire)
        {
            fire();
        }

        Volatile.Write(ref _ticks, target);
    }

    /// <summary>Waits until a timer is armed that is due within this time.</summary>
    public async Task ArmedAsync(TimeSpan within)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_waiting.Any(timer => timer.Due <= _ticks + within.Ticks))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Plays time until the work is done: whenever somebody waits for no longer than this, the clock goes there. Longer waits are limits that
    /// guard against what does not happen here.
    /// </summary>
    public async Task PlayAsync(Task work, TimeSpan longest)
    {
        while (!work.IsCompleted)
        {
            var armed = ArmedAsync(longest);
            await Task.WhenAny(work, armed);
            if (!work.IsCompleted && Next(GetTimestamp() + longest.Ticks) is { } fire)
            {
                fire();
            }
        }
    }

    /// <summary>The earliest timer due until then; the clock shows its time.</summary>
    private Action? Next(long until)
    {
        lock (_gate)
        {
            if (_waiting.Where(timer => timer.Due <= until).MinBy(timer => timer.Due) is not { } next)
            {
                return null;
            }

            _waiting.Remove(next);
            _ticks = Math.Max(_ticks, next.Due);
            return next.Fire;
        }
    }

    private sealed class Waiting(SteppedTime clock, Action fire) : ITimer
    {
        public long Due { get; private set; }

        public Action Fire => fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource changed;
            lock (clock._gate)
            {
                clock._waiting.Remove(this);
                if (dueTime < TimeSpan.Zero)
                {
                    return true;
                }

                Due = clock._ticks + dueTime.Ticks;
                clock._waiting.Add(this);
                changed = clock._changed;
                clock._changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._waiting.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
