using PhishMe.Engine.Api;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Api;

/// <summary>The one brake, on a clock that moves only when the test says so.</summary>
public sealed class RequestGovernorTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly SteppedTime _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_begins_before_the_end_of_a_pause_that_one_was_told_of()
    {
        using var governor = new RequestGovernor(10, 1000, Longest, _clock);
        (await governor.EnterAsync(Stop)).Dispose();
        governor.Pause(TimeSpan.FromSeconds(30));
        governor.Pause(TimeSpan.FromSeconds(5)); // The longer one wins.
        List<Task<IDisposable>> others = [.. Enumerable.Range(0, 6).Select(_ => governor.EnterAsync(Stop).AsTask())];

        _clock.Advance(TimeSpan.FromSeconds(29.999));
        Assert.All(others, other => Assert.False(other.IsCompleted));

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        await _clock.PlayAsync(Task.WhenAll(others), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_pause_holds_those_too_who_were_waiting_for_the_rate_when_it_began()
    {
        using var governor = new RequestGovernor(10, 1, Longest, _clock);
        (await governor.EnterAsync(Stop)).Dispose();
        var second = governor.EnterAsync(Stop).AsTask();
        governor.Pause(TimeSpan.FromSeconds(30));

        _clock.Advance(TimeSpan.FromSeconds(1)); // Now it has what it waited for.
        await Task.WhenAny(second, _clock.ArmedAsync(TimeSpan.FromSeconds(29)));
        Assert.False(second.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(29));
        await second;
    }

    [Fact]
    public async Task A_pause_that_nobody_waits_for_fails_everybody_at_once()
    {
        using var governor = new RequestGovernor(1, 10, Longest, _clock);
        governor.Pause(TimeSpan.FromDays(1));

        for (var caller = 0; caller < 3; caller++)
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => governor.EnterAsync(Stop).AsTask());
            Assert.Equal(ApiFailure.Throttled, refused.Failure);
            Assert.Contains("86400 seconds", refused.Message, StringComparison.Ordinal);
        }

        _clock.Advance(TimeSpan.FromDays(1));
        (await governor.EnterAsync(Stop)).Dispose();
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(10, 60)]
    [InlineData(250, 1000)]
    public async Task No_more_begin_per_second_than_allowed_but_for_a_tenth_at_the_start(int rate, int requests)
    {
        using var governor = new RequestGovernor(requests, rate, Longest, _clock);
        var begun = 0;
        var all = Task.WhenAll(Enumerable.Range(0, requests).Select(_ => BeginAsync()));

        await _clock.PlayAsync(all, TimeSpan.FromSeconds(2));
        await all;

        Assert.Equal(requests, begun);

        async Task BeginAsync()
        {
            using var turn = await governor.EnterAsync(Stop);
            var number = Interlocked.Increment(ref begun);
            Assert.True(number <= (rate * _clock.Elapsed.TotalSeconds) + Math.Max(1, rate / 10), $"{number} after {_clock.Elapsed}");
        }
    }

    [Fact]
    public async Task No_more_are_in_flight_than_allowed_and_one_who_gives_up_blocks_nobody()
    {
        using var governor = new RequestGovernor(2, 1000, Longest, _clock);
        var first = await governor.EnterAsync(Stop);
        var second = await governor.EnterAsync(Stop);
        using var impatient = new CancellationTokenSource();
        var gaveUp = governor.EnterAsync(impatient.Token).AsTask();
        var third = governor.EnterAsync(Stop).AsTask();
        Assert.False(third.IsCompleted);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        Assert.False(third.IsCompleted);

        first.Dispose();
        first.Dispose(); // Twice is once.
        (await third).Dispose();
        second.Dispose();
    }
}
