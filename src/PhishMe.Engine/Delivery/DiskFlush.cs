using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Delivery;

/// <summary>
/// Makes many small files durable. A journaling file system commits flushes that arrive together as one, so a hundred files at once take
/// a tenth of the time of a hundred one by one.
/// </summary>
internal static class DiskFlush
{
    /// <summary>Measured: fewer wait longer, more gain nothing.</summary>
    private const int Threads = 16;

    /// <summary>Flushes all files; when it returns, every one of them is on the disk.</summary>
    /// <param name="files">Open files.</param>
    /// <param name="failed">Told the index of a file that cannot be flushed, before the exception.</param>
    /// <exception cref="IOException">A file cannot be flushed; others may not have been.</exception>
    public static void All(IReadOnlyList<SafeFileHandle> files, Action<int> failed)
    {
        int next = -1;
        (int Index, Exception Cause)? failure = null;
        var gate = new Lock();

        // Threads of their own: they only wait, and the thread pool of a small machine has few to spare.
        var threads = new Thread[Math.Min(Threads, files.Count)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, maxStackSize: 128 * 1024) { IsBackground = true, Name = "Flush" };
            threads[i].Start();
        }

        Array.ForEach(threads, thread => thread.Join());
        if (failure is { } first)
        {
            failed(first.Index);
            throw first.Cause is IOException or UnauthorizedAccessException ? first.Cause : new IOException(first.Cause.Message, first.Cause);
        }

        void Work()
        {
            for (int index = Interlocked.Increment(ref next); index < files.Count && failure is null; index = Interlocked.Increment(ref next))
            {
                try
                {
                    RandomAccess.FlushToDisk(files[index]);
                }
#pragma warning disable CA1031 // Nothing may leave a thread; it is thrown again by the caller's.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    lock (gate)
                    {
                        failure ??= (index, exception);
                    }
                }
            }
        }
    }
}
