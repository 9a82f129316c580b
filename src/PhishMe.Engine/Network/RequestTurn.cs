namespace PhishMe.Engine.Network;

/// <summary>
/// One request that may begin now. Say what became of it and dispose it when its answer was read; without a word it counts as abandoned.
/// For use by one request, not by several threads.
/// </summary>
internal sealed class RequestTurn : IDisposable
{
    private readonly RequestGovernor _governor;
    private readonly PaceTicket _ticket;
    private readonly string _kind;
    private PaceOutcome _outcome = PaceOutcome.Abandoned;
    private TimeSpan _latency;
    private TimeSpan? _retryAfter;
    private bool _isOver;

    internal RequestTurn(RequestGovernor governor, PaceTicket ticket, string kind)
    {
        _governor = governor;
        _ticket = ticket;
        _kind = kind;
    }

    /// <summary>The head of the answer is here: the time until now is the host's, what follows is the network's and ours.</summary>
    public void HeadCame() => _latency = _governor.Now - _ticket.Began;

    /// <summary>The host answered.</summary>
    public void Answered() => _outcome = PaceOutcome.Answered;

    /// <summary>The host refused the request because too many come; no other begins before the time it asks for.</summary>
    /// <param name="retryAfter">How long to wait; null when the host does not say.</param>
    public void Refused(TimeSpan? retryAfter) => (_outcome, _retryAfter) = (PaceOutcome.Refused, retryAfter);

    /// <summary>The host could not cope, or did not answer.</summary>
    /// <param name="retryAfter">How long to wait; null when the host does not say.</param>
    public void Overloaded(TimeSpan? retryAfter = null) => (_outcome, _retryAfter) = (PaceOutcome.Overloaded, retryAfter);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            _governor.Leave(_ticket, _kind, _outcome, _latency, _retryAfter);
        }
    }
}
