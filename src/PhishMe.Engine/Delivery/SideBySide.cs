namespace PhishMe.Engine.Delivery;

/// <summary>
/// Writes many small files at the same time. A journaling file system commits flushes that arrive together as one, so a hundred files at once
/// take a tenth of the time of a hundred one by one.
/// </summary>
internal static class SideBySide
{
    /// <summary>Measured with tests/PhishMe.Benchmarks: more gain nothing.</summary>
    private const int Threads = 8;

    /// <summary>Does the work; ends when all of it is done, or all that was begun when a part failed.</summary>
    /// <param name="count">Pieces of the work, numbered from 0.</param>
    /// <param name="part">Pieces that are done in a row.</param>
    /// <param name="work">Does pieces: the first, and how many.</param>
    public static Task DoAsync(int count, int part, Action<int, int> work)
    {
        int parts = (count + part - 1) / part;
        if (count == 0)
        {
            return Task.CompletedTask;
        }

        int next = -1;
        int running = Math.Min(Threads, parts);
        Exception? failure = null;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Threads of their own: they do nothing but wait for the disk, and the thread pool of a small machine has few to spare.
        for (int i = running; i > 0; i--)
        {
            new Thread(DoSome, maxStackSize: 256 * 1024) { IsBackground = true }.Start();
        }

        return done.Task;

        void DoSome()
        {
            while (Volatile.Read(ref failure) is null && Interlocked.Increment(ref next) is int index && index < parts)
            {
                try
                {
                    work(index * part, Math.Min(part, count - (index * part)));
                }
#pragma warning disable CA1031 // Nothing may leave a thread; whoever waits for the task is told.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref failure, exception, null);
                }
            }

            if (Interlocked.Decrement(ref running) == 0)
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
}
