using Microsoft.Extensions.Time.Testing;

namespace PhishMe.Engine.Tests.Network;

/// <summary>A clock that a test moves, that fires the timers on its way in their order, and that says when code has set one.</summary>
/// <remarks>Timers are its own, because FakeTimeProvider keeps its timers to itself: a test would move the clock before anyone waits, and then wait forever.</remarks>
internal sealed class SteppedTime() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeSpan Elapsed => GetUtcNow() - Start;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; each timer on the way sees the time that it was set for.</summary>
    public new void Advance(TimeSpan by)
    {
        var target = GetUtcNow() + by;
        while (Next(target) is { } fire)
        {
            fire();
        }

        lock (_gate)
        {
            MoveTo(target);
        }
    }

    /// <summary>Waits until a timer is armed that is due within this time.</summary>
    public async Task ArmedAsync(TimeSpan within)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_waiting.Any(timer => timer.Due <= GetUtcNow() + within))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Plays time until the work is done: whenever code waits for no longer than this, the clock goes there. Longer waits are limits that
    /// guard against what does not happen here.
    /// </summary>
    public async Task PlayAsync(Task work, TimeSpan longest)
    {
        while (!work.IsCompleted)
        {
            var armed = ArmedAsync(longest);
            await Task.WhenAny(work, armed);
            if (!work.IsCompleted && Next(GetUtcNow() + longest) is { } fire)
            {
                fire();
            }
        }
    }

    /// <summary>The earliest timer due until then; the clock shows its time.</summary>
    private Action? Next(DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_waiting.Where(timer => timer.Due <= until).MinBy(timer => timer.Due) is not { } next)
            {
                return null;
            }

            _waiting.Remove(next);
            MoveTo(next.Due);
            return next.Fire;
        }
    }

    private void MoveTo(DateTimeOffset time)
    {
        if (time > GetUtcNow())
        {
            SetUtcNow(time);
        }
    }

    private sealed class Waiting(SteppedTime clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

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

                Due = clock.GetUtcNow() + dueTime;
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
