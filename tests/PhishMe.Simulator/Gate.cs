namespace PhishMe.Simulator;

/// <summary>
/// Holds requests back, so that a test knows exactly where the client stands. From the first request it catches on, every request of its route waits
/// until <see cref="Release"/>; disposing releases too. A client that goes away meanwhile is forgotten.
/// </summary>
public sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _route;
    private int _skip;

    internal Gate(string route, int skip)
    {
        _route = route;
        _skip = skip;
    }

    /// <summary>Completes when the first request waits.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets the waiting requests and all later ones through.</summary>
    public void Release() => _released.TrySetResult();

    /// <inheritdoc/>
    public void Dispose() => Release();

    internal bool IsOpen => _released.Task.IsCompleted;

    internal Task PassAsync(string route, CancellationToken cancellationToken)
    {
        if ((_route != "*" && _route != route) || IsOpen || Interlocked.Decrement(ref _skip) >= 0)
        {
            return Task.CompletedTask;
        }

        _reached.TrySetResult();
        return _released.Task.WaitAsync(cancellationToken);
    }
}
