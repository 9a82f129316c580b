using System.Runtime.ExceptionServices;

namespace PhishMe.Engine.Delivery;

/// <summary>
/// Writes many small files at the same time. A journaling file system commits flushes that arrive together as one, so a hundred files at once
/// take a tenth of the time of a hundred one by one.
/// </summary>
internal static class SideBySide
{
    /// <summary>Measured with tests/PhishMe.Benchmarks: more gain nothing.</summary>
    private const int Threads = 8;

    /// <summary>Does the work for 0 to <paramref name="count"/> - 1; returns when all of it is done, or all that was begun when one failed.</summary>
    public static void Do(int count, Action<int> work)
    {
        int next = -1;
        Exception? failure = null;

        // Threads of their own: they do nothing but wait for the disk, and the thread pool of a small machine has few to spare.
        var threads = new Thread[Math.Min(Threads, count)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(DoSome, maxStackSize: 256 * 1024) { IsBackground = true };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        void DoSome()
        {
            while (Volatile.Read(ref failure) is null && Interlocked.Increment(ref next) is int index && index < count)
            {
                try
                {
                    work(index);
                }
#pragma warning disable CA1031 // Nothing may leave a thread; the caller's throws it again.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref failure, exception, null);
                }
            }
        }
    }
}
