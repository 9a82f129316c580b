using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Serving;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>Counting a large store takes seconds: no one waits for it, and what is shown is never older than ten minutes.</summary>
public sealed class BackgroundCountTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    private readonly SemaphoreSlim _turns = new(0);
    private readonly SemaphoreSlim _begun = new(0);
    private readonly StoreStatistics _counted = new() { Path = "state.db", Threats = 5 };
    private int _counts;
    private bool _fails;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_at_once_cost_one_count_and_wait_a_moment_only()
    {
        var count = new BackgroundCount(Count, _clock);
        var waiting = Enumerable.Range(0, 200).Select(_ => count.ReadAsync(Stop)).ToArray();
        await _begun.WaitAsync(Stop);
        Assert.All(waiting, one => Assert.False(one.IsCompleted));

        _clock.Advance(BackgroundCount.Patience);

        Assert.All(await Task.WhenAll(waiting), one => Assert.Equal(((StoreStatistics?)null, true), one));
        Assert.Equal(1, _counts);
        _turns.Release();
        Assert.Equal((_counted, false), await ReadAsync(count));
        Assert.Equal(1, _counts);
    }

    [Fact]
    public async Task The_last_count_is_shown_while_the_next_one_is_under_way()
    {
        var count = new BackgroundCount(Count, _clock);
        _turns.Release();
        Assert.Equal((_counted, false), await ReadAsync(count));

        _clock.Advance(BackgroundCount.Freshness);
        Assert.Equal((_counted, false), await count.ReadAsync(Stop));
        await _begun.WaitAsync(Stop);
        await _begun.WaitAsync(Stop);
        Assert.Equal(2, _counts);
        _clock.Advance(BackgroundCount.LongestAge - BackgroundCount.Freshness - TimeSpan.FromSeconds(1));
        Assert.Equal((_counted, false), await count.ReadAsync(Stop));

        // Too old to be shown.
        _clock.Advance(TimeSpan.FromSeconds(1));
        var waiting = count.ReadAsync(Stop);
        _clock.Advance(BackgroundCount.Patience);
        Assert.Equal((null, true), await waiting);
        Assert.Equal(2, _counts);
        _turns.Release();
        Assert.Equal((_counted, false), await ReadAsync(count));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_keeps_no_count()
    {
        var count = new BackgroundCount(Count, _clock);
        _turns.Release(2);
        await ReadAsync(count);
        _clock.AdjustTime(_clock.GetUtcNow().AddDays(-1));

        await ReadAsync(count);

        Assert.Equal(2, _counts);
    }

    [Fact]
    public async Task Those_who_ask_hear_of_an_error_and_the_next_ones_cause_another_count()
    {
        var count = new BackgroundCount(Count, _clock);
        _fails = true;
        _turns.Release(2);
        await Assert.ThrowsAsync<PhishMeException>(() => ReadAsync(count));
        _fails = false;

        Assert.Equal((_counted, false), await ReadAsync(count));
    }

    public void Dispose()
    {
        _turns.Dispose();
        _begun.Dispose();
    }

    /// <summary>Reads, and is patient.</summary>
    private static async Task<(StoreStatistics?, bool)> ReadAsync(BackgroundCount count)
    {
        while (true)
        {
            var reading = count.ReadAsync(Stop);
            if (await reading is (StoreStatistics store, false))
            {
                return (store, false);
            }
        }
    }

    private StoreStatistics? Count()
    {
        Interlocked.Increment(ref _counts);
        _begun.Release();
        _turns.Wait(Stop);
        return _fails ? throw new PhishMeException(Faults.StoreDamaged, "The state file is damaged.", "state.db") : _counted;
    }
}
