using System.Collections.Concurrent;
using PhishMe.Engine.Destinations.Files;

namespace PhishMe.Engine.Tests.Destinations.Files;

/// <summary>Pieces of work on threads that wait for the disk.</summary>
public sealed class FileWriterThreadsTests
{
    [Theory]
    [InlineData(0, 12)]
    [InlineData(1, 50)]
    [InlineData(12, 12)]
    [InlineData(13, 12)]
    [InlineData(100, 1)]
    [InlineData(100, 50)]
    public async Task Every_piece_is_done_once(int count, int part)
    {
        using var threads = new FileWriterThreads();
        var done = new int[count];

        await threads.RunAsync(count, part, (first, size) =>
        {
            for (var i = first; i < first + size; i++)
            {
                Interlocked.Increment(ref done[i]);
            }
        });

        Assert.All(done, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task A_failure_is_reported_after_all_running_work_has_ended()
    {
        using var threads = new FileWriterThreads();
        using var othersBegun = new CountdownEvent(3);
        using var failed = new ManualResetEventSlim();
        var running = 0;

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => threads.RunAsync(4, 1, (first, _) =>
        {
            Interlocked.Increment(ref running);
            if (first == 0)
            {
                othersBegun.Wait(TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref running);
                failed.Set();
                throw new InvalidOperationException("full");
            }

            othersBegun.Signal();
            failed.Wait(TestContext.Current.CancellationToken);
            Interlocked.Decrement(ref running);
        }));

        Assert.Equal(("full", 0), (thrown.Message, running));
        await threads.RunAsync(1, 1, (_, _) => { });
    }

    [Fact]
    public async Task Its_threads_do_what_was_begun_and_end()
    {
        var used = new ConcurrentBag<Thread>();
        using var go = new ManualResetEventSlim();
        Task work;
        using (var threads = new FileWriterThreads())
        {
            work = threads.RunAsync(30, 1, (_, _) =>
            {
                used.Add(Thread.CurrentThread);
                go.Wait(TestContext.Current.CancellationToken);
            });
        }

        go.Set();
        await work;

        Assert.Equal(30, used.Count);
        Assert.All(used.Distinct(), thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30)), "A thread goes on."));
    }
}
