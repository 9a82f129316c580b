namespace PhishMe.Engine.Network;

/// <summary>
/// The one gate for all requests to a host: whoever wants to send one waits here until <see cref="Pace"/> lets it begin, first come, first served.
/// It serves the API and any destination that is spoken to over HTTP alike. For concurrent use.
/// </summary>
internal sealed class RequestGovernor : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _queue = new();
    private readonly PaceCeilings _ceilings;
    private readonly TimeProvider _clock;
    private readonly long _origin;
    private readonly ITimer _timer;
    private Pace _pace;
    private bool _hasBegun;
    private bool _isDisposed;

    /// <param name="ceilings">What a person allows.</param>
    /// <param name="clock">The clock of latencies, rates and pauses.</param>
    public RequestGovernor(PaceCeilings ceilings, TimeProvider clock)
    {
        _pace = new Pace(ceilings);
        _ceilings = ceilings;
        _clock = clock;
        _origin = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => LetIn(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What was found out about the host; null when nothing was, whatever was known before.</summary>
    public LearntPace? Learnt
    {
        get
        {
            lock (_lock)
            {
                return _pace.HasLearnt ? _pace.Learnt : null;
            }
        }
    }

    /// <summary>Requests that may be in flight now.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return _pace.Limit;
            }
        }
    }

    /// <summary>Requests that the host refused because they came too fast.</summary>
    public int Refused
    {
        get
        {
            lock (_lock)
            {
                return _pace.Refused;
            }
        }
    }

    /// <summary>Time since the governor was made. Not the time of day: a person may set that while a pause lasts.</summary>
    internal TimeSpan Now => _clock.GetElapsedTime(_origin);

    /// <summary>Starts with what an earlier run found out about the host. Without effect once a request has begun.</summary>
    /// <param name="learnt">What is known.</param>
    public void StartFrom(LearntPace learnt)
    {
        lock (_lock)
        {
            if (!_hasBegun)
            {
                _pace = new Pace(_ceilings, learnt);
            }
        }
    }

    /// <summary>Waits for a turn. Dispose it when the answer was read.</summary>
    /// <param name="kind">Requests of one kind are answered equally fast by a host at ease.</param>
    /// <param name="cancellationToken">Gives up; others are not held up by that.</param>
    /// <exception cref="PauseTooLongException">The host asked for a longer pause than is waited for.</exception>
    public async ValueTask<RequestTurn> EnterAsync(string kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiting = new Waiting();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ThrowIfPausedTooLong();
            _hasBegun = true;
            waiting.Place = _queue.AddLast(waiting);
        }

        LetIn();
        var ticket = waiting.Ticket.Task;
        if (!ticket.IsCompleted)
        {
            var registration = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var (governor, waiting) = ((RequestGovernor, Waiting))state!;
                    governor.GiveUp(waiting, token);
                },
                (this, waiting));
            await using (registration.ConfigureAwait(false))
            {
                return new RequestTurn(this, await ticket.ConfigureAwait(false), kind);
            }
        }

        return new RequestTurn(this, await ticket.ConfigureAwait(false), kind);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        List<Waiting> left;
        lock (_lock)
        {
            _isDisposed = true;
            left = [.. _queue];
            _queue.Clear();
        }

        _timer.Dispose();
        foreach (var waiting in left)
        {
            waiting.Ticket.TrySetException(new ObjectDisposedException(nameof(RequestGovernor)));
        }
    }

    internal void Leave(PaceTicket ticket, string kind, PaceOutcome outcome, TimeSpan latency, TimeSpan? retryAfter)
    {
        lock (_lock)
        {
            _pace.Leave(ticket, kind, outcome, latency, retryAfter, Now);
        }

        LetIn();
    }

    private void GiveUp(Waiting waiting, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiting.Place is not { List: not null } place)
            {
                return; // It has its turn already.
            }

            _queue.Remove(place);
        }

        waiting.Ticket.TrySetCanceled(cancellationToken);
    }

    /// <summary>Lets in whoever may begin now, and sees to it that the next one is let in when it is time.</summary>
    private void LetIn()
    {
        lock (_lock)
        {
            while (!_isDisposed && _queue.First is { } first)
            {
                if (_pace.LeftOfPause(Now) is var left && left > _ceilings.LongestPause)
                {
                    _queue.RemoveFirst();
                    first.Value.Ticket.TrySetException(new PauseTooLongException(left));
                    continue;
                }

                if (!_pace.TryEnter(Now, out var ticket, out var wait))
                {
                    // Timers count whole milliseconds and must not fire early.
                    _timer.Change(
                        wait < TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                    return;
                }

                _queue.RemoveFirst();
                first.Value.Ticket.TrySetResult(ticket);
            }
        }
    }

    private void ThrowIfPausedTooLong()
    {
        if (_pace.LeftOfPause(Now) is var left && left > _ceilings.LongestPause)
        {
            throw new PauseTooLongException(left);
        }
    }

    private sealed class Waiting
    {
        public TaskCompletionSource<PaceTicket> Ticket { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiting>? Place { get; set; }
    }
}
