using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network;

public sealed class TokenBucketTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 10)]
    [InlineData(7, 100)]
    [InlineData(500, 5_000)]
    [InlineData(999, 4_000)]
    [InlineData(1000, 10_000)]
    public async Task At_no_moment_has_more_been_granted_than_rate_times_time(int rate, int events)
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var bucket = new TokenBucket(rate, time);
        var granted = 0;
        while (granted < events)
        {
            granted += await bucket.TakeAsync(events - granted, TestContext.Current.CancellationToken);
            Assert.True(granted <= rate * time.Elapsed.TotalSeconds, $"{granted} after {time.Elapsed}");
        }

        // Nor is it slower than asked for, but for the rounding of timers to a millisecond.
        Assert.Equal(events, granted);
        Assert.True(time.Elapsed.TotalSeconds <= ((double)events / rate) + (0.001 * time.Waits.Count), $"{time.Elapsed}");
    }

    [Fact]
    public async Task After_a_pause_a_tenth_of_a_second_is_saved_up_and_no_more()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var bucket = new TokenBucket(500, time);
        time.Advance(TimeSpan.FromDays(365));
        Assert.Equal(50, await bucket.TakeAsync(10_000, TestContext.Current.CancellationToken));
        Assert.Empty(time.Waits);
        Assert.Equal(50, await bucket.TakeAsync(10_000, TestContext.Current.CancellationToken));
        Assert.Equal([TimeSpan.FromMilliseconds(100)], time.Waits);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        var bucket = new TokenBucket(1, TimeProvider.System);
        using var cancelled = new CancellationTokenSource();
        var waiting = bucket.TakeAsync(1, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }
}
