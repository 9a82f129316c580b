using System.Threading.Channels;

namespace PhishMe.PowerShell.Pumping;

/// <summary>
/// Carries what an asynchronous operation says to the one thread that may speak to the pipeline. Knows nothing of PowerShell.
/// </summary>
/// <remarks>
/// The queue is bounded, so a slow consumer slows the operation down instead of filling memory.
/// </remarks>
internal sealed class EnginePump : IDisposable
{
    /// <summary>Messages that may wait for the pipeline.</summary>
    public const int DefaultCapacity = 64;

    // After Ctrl+C the prompt must be back within 100 ms; whatever winds up longer does so behind it.
    private static readonly TimeSpan GraceAfterStop = TimeSpan.FromMilliseconds(50);

    // After a downstream stop the script goes on; the next command should find locks and files released.
    private static readonly TimeSpan GraceAfterDownstreamStop = TimeSpan.FromSeconds(2);

    private readonly int _capacity;
    private readonly TimeProvider _clock;

    // Apart from the token of an operation: that one's callbacks run code of the engine, for which the pipeline thread must not wait.
    private readonly CancellationTokenSource _stopRequested = new();
    private Task _operation = Task.CompletedTask;

    /// <summary>Creates a pump.</summary>
    /// <param name="capacity">Messages that may wait for the pipeline.</param>
    /// <param name="clock">Measures the time between progress messages; the system's when null.</param>
    public EnginePump(int capacity = DefaultCapacity, TimeProvider? clock = null)
    {
        _capacity = capacity;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopped => _stopRequested.IsCancellationRequested;

    /// <summary>Cancelled by <see cref="Stop"/>: for work that the calling thread does itself. Ask for it before <see cref="Dispose"/>.</summary>
    public CancellationToken StopToken => _stopRequested.Token;

    /// <summary>
    /// Runs the operation on the thread pool and hands its messages to <paramref name="receive"/> on the calling thread, in order, until it is done.
    /// </summary>
    /// <param name="operation">The operation. Its exception is thrown here, after its messages.</param>
    /// <param name="receive">Takes a message. What it throws cancels the operation and is rethrown unchanged.</param>
    /// <exception cref="OperationCanceledException"><see cref="Stop"/> was called.</exception>
    public void Run(Func<PumpWriter, CancellationToken, Task> operation, Action<PumpMessage> receive)
    {
        _stopRequested.Token.ThrowIfCancellationRequested();
        var queue = Channel.CreateBounded<PumpMessage>(new BoundedChannelOptions(_capacity) { SingleReader = true });

        // One source per operation, so that the end of one does not cancel the next. An operation that winds up behind the prompt still
        // holds its token: the source has no timer and is left to the collector.
        CancellationTokenSource cancellation = new();
        PumpWriter writer = new(queue.Writer, _clock, cancellation.Token);
        using (_stopRequested.Token.Register(() => _ = cancellation.CancelAsync()))
        {
            _operation = Task.Run(() => OperateAsync(operation, writer, queue.Writer, cancellation.Token));
            try
            {
                Drain(queue.Reader, receive);
            }
            catch
            {
                // On the pool: callbacks of the engine have no business on this thread.
                _ = cancellation.CancelAsync();
                WaitForOperation();
                throw;
            }
        }
    }

    /// <summary>Cancels the operation and lets <see cref="Run"/> return. May be called from any thread, more than once.</summary>
    public void Stop()
    {
        try
        {
            _stopRequested.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The operation was over: nothing to stop.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _stopRequested.Dispose();
    }

    private static async Task OperateAsync(
        Func<PumpWriter, CancellationToken, Task> operation, PumpWriter writer, ChannelWriter<PumpMessage> queue, CancellationToken cancellation)
    {
        try
        {
            await operation(writer, cancellation).ConfigureAwait(false);
            queue.TryComplete();
        }
#pragma warning disable CA1031 // Every failure belongs to the pipeline thread; it is rethrown there.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            queue.TryComplete(exception);
        }
    }

    private void Drain(ChannelReader<PumpMessage> queue, Action<PumpMessage> receive)
    {
        var stop = _stopRequested.Token;
        while (queue.WaitToReadAsync(stop).AsTask().GetAwaiter().GetResult())
        {
            while (!stop.IsCancellationRequested && queue.TryRead(out var message))
            {
                if (message is PumpBarrier barrier)
                {
                    barrier.Pass();
                }
                else
                {
                    receive(message);
                }
            }
        }
    }

    private void WaitForOperation()
    {
        try
        {
            if (IsStopped || !_operation.Wait(GraceAfterDownstreamStop, _stopRequested.Token))
            {
                _operation.Wait(GraceAfterStop);
            }
        }
        catch (OperationCanceledException)
        {
            _operation.Wait(GraceAfterStop);
        }
    }
}
