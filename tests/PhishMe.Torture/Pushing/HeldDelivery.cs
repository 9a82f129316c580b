namespace PhishMe.Torture.Pushing;

/// <summary>A request to a product that is held until this is disposed of.</summary>
internal sealed class HeldDelivery : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the request came.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Done when it is let go.</summary>
    public Task Released => _released.Task;

    /// <summary>What is to be done at the end.</summary>
    public Action? Ended { get; set; }

    public void Reach() => _reached.TrySetResult();

    public void Dispose()
    {
        Ended?.Invoke();
        _released.TrySetResult();
    }
}
