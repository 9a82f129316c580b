using PhishMe.Engine.Serving.Taxii;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>Work that many want is done once, and no one's leaving disturbs the others.</summary>
public sealed class SharedWorkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_come_while_it_is_under_way_get_the_same_result()
    {
        var shared = new SharedWork<string, object>();
        var (done, count) = (new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously), 0);

        Task<object>[] waiting = [.. Enumerable.Range(0, 200).Select(_ => JoinAsync("page"))];
        var other = JoinAsync("another page");
        done.SetResult(new object());

        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        await other;
        Assert.Equal(2, count);
        await JoinAsync("page");
        Assert.Equal(3, count);

        Task<object> JoinAsync(string key) => shared.JoinAsync(
            key,
            _ =>
            {
                Interlocked.Increment(ref count);
                return done.Task;
            },
            Stop);
    }

    [Fact]
    public async Task A_client_that_hangs_up_leaves_the_work_to_the_others()
    {
        var shared = new SharedWork<string, int>();
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (begun, isStopped) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        using var gone = new CancellationTokenSource();
        var first = shared.JoinAsync("page", WorkAsync, gone.Token);
        var second = shared.JoinAsync("page", WorkAsync, Stop);
        await begun.Task;

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(isStopped);
        done.SetResult(7);

        Assert.Equal(7, await second);

        Task<int> WorkAsync(CancellationToken stop)
        {
            stop.Register(() => isStopped = true);
            begun.TrySetResult();
            return done.Task;
        }
    }

    [Fact]
    public async Task When_all_have_hung_up_it_is_stopped_and_the_next_one_begins_anew()
    {
        var shared = new SharedWork<string, int>();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gone = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 5).Select(_ => shared.JoinAsync("page", WaitAsync, gone.Token)).ToArray();

        await gone.CancelAsync();
        foreach (var one in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        await stopped.Task.WaitAsync(Stop);
        Assert.Equal(3, await shared.JoinAsync("page", _ => Task.FromResult(3), Stop));

        async Task<int> WaitAsync(CancellationToken stop)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
                return 0;
            }
            finally
            {
                stopped.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task An_error_is_for_those_who_waited_and_for_no_one_later()
    {
        var shared = new SharedWork<string, int>();
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => shared.JoinAsync("page", _ => done.Task, Stop))];

        done.SetException(new IOException("The disk is full."));

        foreach (var one in waiting)
        {
            await Assert.ThrowsAsync<IOException>(() => one);
        }

        Assert.Equal(3, await shared.JoinAsync("page", _ => Task.FromResult(3), Stop));
    }
}
