using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network;

/// <summary>The one gate for all requests, on a clock that moves only when the test says so.</summary>
public sealed class RequestGovernorTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly SteppedTime _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_begins_before_the_pause_is_over_that_one_of_them_was_asked_for()
    {
        using var governor = Governor(10, 1000);
        using (var first = await EnterAsync(governor))
        using (var second = await EnterAsync(governor))
        {
            first.Refused(TimeSpan.FromSeconds(30));
            second.Refused(TimeSpan.FromSeconds(5)); // The longer pause wins.
        }

        List<Task<RequestTurn>> others = [.. Enumerable.Range(0, 3).Select(_ => EnterAsync(governor))];

        _clock.Advance(TimeSpan.FromSeconds(29.999));
        Assert.All(others, other => Assert.False(other.IsCompleted));

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        await _clock.PlayAsync(Task.WhenAll(others), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_pause_also_holds_requests_that_were_waiting_for_the_rate_when_it_began()
    {
        using var governor = Governor(10, 1);
        var first = await EnterAsync(governor);
        var second = EnterAsync(governor);
        first.Overloaded(TimeSpan.FromSeconds(30));
        first.Dispose();

        _clock.Advance(TimeSpan.FromSeconds(1)); // Now it has what it waited for.
        await Task.WhenAny(second, _clock.ArmedAsync(TimeSpan.FromSeconds(29)));
        Assert.False(second.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(29));
        await second;
    }

    [Fact]
    public async Task A_pause_that_is_too_long_to_wait_for_fails_all_requests_at_once()
    {
        using var governor = Governor(1, 10);
        var first = await EnterAsync(governor);
        var waits = EnterAsync(governor);
        first.Refused(TimeSpan.FromDays(1));
        first.Dispose();

        Assert.Equal(TimeSpan.FromDays(1), (await Assert.ThrowsAsync<PauseTooLongException>(() => waits)).Left);
        Assert.Equal(TimeSpan.FromDays(1), (await Assert.ThrowsAsync<PauseTooLongException>(() => EnterAsync(governor))).Left);

        _clock.Advance(TimeSpan.FromDays(1));
        (await EnterAsync(governor)).Dispose();
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(10, 60)]
    [InlineData(250, 1000)]
    public async Task No_more_begin_per_second_than_allowed_but_for_a_tenth_at_the_start(int rate, int requests)
    {
        using var governor = Governor(requests, rate);
        governor.StartFrom(new LearntPace(requests, PerSecond: null));
        var begun = 0;
        var all = Task.WhenAll(Enumerable.Range(0, requests).Select(_ => BeginAsync()));

        await _clock.PlayAsync(all, TimeSpan.FromSeconds(2));
        await all;

        Assert.Equal(requests, begun);

        async Task BeginAsync()
        {
            using var turn = await EnterAsync(governor);
            var number = Interlocked.Increment(ref begun);
            Assert.True(number <= (rate * _clock.Elapsed.TotalSeconds) + Math.Max(1, rate / 10), $"{number} after {_clock.Elapsed}");
        }
    }

    [Fact]
    public async Task No_more_are_in_flight_than_allowed_and_one_that_gives_up_blocks_no_other()
    {
        using var governor = Governor(2, null);
        var first = await EnterAsync(governor);
        var second = await EnterAsync(governor);
        using var impatient = new CancellationTokenSource();
        var gaveUp = governor.EnterAsync("any", impatient.Token).AsTask();
        var third = EnterAsync(governor);
        Assert.False(third.IsCompleted);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        Assert.False(third.IsCompleted);

        first.Dispose();
        first.Dispose(); // Twice is once.
        (await third).Dispose();
        second.Dispose();
        Assert.Equal(2, governor.Limit);
    }

    [Fact]
    public async Task A_host_that_is_new_is_met_with_few_requests_and_one_that_is_known_with_as_many_as_it_took()
    {
        using var unknown = Governor(16, null);
        using var known = Governor(16, null);
        known.StartFrom(new LearntPace(12, PerSecond: null));

        Assert.Equal((4, 12), (unknown.Limit, known.Limit));
        await EnterAsync(known);
        known.StartFrom(new LearntPace(3, PerSecond: null)); // Too late.
        Assert.Equal(12, known.Limit);
    }

    [Fact]
    public async Task All_that_wait_are_let_go_when_the_governor_is_disposed()
    {
        var governor = Governor(1, null);
        using var turn = await EnterAsync(governor);
        var waits = EnterAsync(governor);

        governor.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waits);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => EnterAsync(governor));
    }

    private static Task<RequestTurn> EnterAsync(RequestGovernor governor) => governor.EnterAsync("any", Stop).AsTask();

    private RequestGovernor Governor(int inFlight, int? perSecond) => new(new PaceCeilings(inFlight, perSecond, Longest), _clock);
}
