using System.Diagnostics.CodeAnalysis;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// Writes many small files at the same time. A journaling file system commits flushes that arrive together as one, so a hundred files at once
/// take a tenth of the time of a hundred one by one.
/// </summary>
/// <remarks>These are its own threads: they only wait for the disk, and the thread pool of a small machine has few to spare.</remarks>
internal sealed class FileWriterThreads : IDisposable
{
    /// <summary>Measured with tests/PhishMe.Benchmarks: more gain nothing.</summary>
    private const int MostThreads = 8;

    /// <summary>Not a BlockingCollection: its threads spin before they wait, and the processor is what a backfill is short of.</summary>
    private readonly Queue<Action> _parts = new();
    private int _threads;
    private bool _disposed;

    /// <summary>Does the work. Ends when all pieces are done or, after a failure, when the pieces that had begun are done.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="part">Pieces that one thread takes at a time.</param>
    /// <param name="work">Does some pieces: the number of the first, from 0, and how many.</param>
    public Task RunAsync(int count, int part, Action<int, int> work)
    {
        if (count == 0)
        {
            return Task.CompletedTask;
        }

        var left = (count + part - 1) / part;
        Exception? failure = null;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < count; i += part)
        {
            var first = i;
            Add(() => Do(first));
        }

        return done.Task;

        void Do(int first)
        {
            try
            {
                if (Volatile.Read(ref failure) is null)
                {
                    work(first, Math.Min(part, count - first));
                }
            }
#pragma warning disable CA1031 // No exception may leave a thread; the task reports it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }

            if (Interlocked.Decrement(ref left) == 0)
            {
                if (failure is null)
                {
                    done.SetResult();
                }
                else
                {
                    done.SetException(failure);
                }
            }
        }
    }

    /// <summary>The threads end when they have done what was begun.</summary>
    public void Dispose()
    {
        lock (_parts)
        {
            _disposed = true;
            Monitor.PulseAll(_parts);
        }
    }

    private void Add(Action part)
    {
        lock (_parts)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _parts.Enqueue(part);
            Monitor.Pulse(_parts);

            // One for each of the first parts: most runs write a handful of files and need no more.
            if (_threads < MostThreads)
            {
                _threads++;
                new Thread(WorkOff, maxStackSize: 256 * 1024) { IsBackground = true, Name = "PhishMe files" }.Start();
            }
        }
    }

    private void WorkOff()
    {
        while (TryTake(out var part))
        {
            part();
        }
    }

    private bool TryTake([NotNullWhen(true)] out Action? part)
    {
        lock (_parts)
        {
            while (!_parts.TryDequeue(out part) && !_disposed)
            {
                Monitor.Wait(_parts);
            }

            return part is not null;
        }
    }
}
