using System.Threading.Channels;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Pumping;

/// <summary>The operation's end of the pump.</summary>
internal sealed class PumpWriter : IProgress<RunProgress>
{
    /// <summary>The shortest time between two progress messages: a person cannot read faster, and drawing costs.</summary>
    internal static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly ChannelWriter<PumpMessage> _queue;
    private readonly CancellationToken _cancellation;
    private readonly TimeProvider _clock;
    private readonly Lock _progressLock = new();
    private long? _lastProgress;

    /// <summary>Creates the writer.</summary>
    /// <param name="queue">Where messages go.</param>
    /// <param name="clock">Measures the time between progress messages.</param>
    /// <param name="cancellation">Releases a caller who waits.</param>
    public PumpWriter(ChannelWriter<PumpMessage> queue, TimeProvider clock, CancellationToken cancellation)
    {
        _queue = queue;
        _clock = clock;
        _cancellation = cancellation;
    }

    /// <summary>Posts a message; waits while the queue is full.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Completes when the message is in the queue.</returns>
    public ValueTask WriteAsync(PumpMessage message) => _queue.WriteAsync(message, _cancellation);

    /// <summary>Waits until the pipeline has taken everything posted so far. Cancelled when the pipeline stops before that.</summary>
    /// <returns>Completes at the barrier.</returns>
    public async Task BarrierAsync()
    {
        PumpBarrier barrier = new();
        await _queue.WriteAsync(barrier, _cancellation).ConfigureAwait(false);
        await barrier.Passed.WaitAsync(_cancellation).ConfigureAwait(false);
    }

    /// <summary>Has the pipeline thread look up a secret and waits for the answer.</summary>
    /// <param name="name">Name of the secret.</param>
    /// <returns>The value; null when there is none of that name.</returns>
    public string? AskSecret(string name)
    {
        PumpSecretRequest request = new(name);
        _queue.WriteAsync(request, _cancellation).AsTask().GetAwaiter().GetResult();
        return request.Answered.WaitAsync(_cancellation).GetAwaiter().GetResult();
    }

    /// <summary>Posts how far the operation is; what comes too soon, or while the pipeline is behind, is dropped.</summary>
    /// <param name="value">The figures.</param>
    public void Report(RunProgress value)
    {
        var now = _clock.GetTimestamp();
        lock (_progressLock)
        {
            if (_lastProgress is long last && _clock.GetElapsedTime(last, now) < ProgressInterval)
            {
                return;
            }

            if (_queue.TryWrite(new PumpProgress(value)))
            {
                _lastProgress = now;
            }
        }
    }
}
