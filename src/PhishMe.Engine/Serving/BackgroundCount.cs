using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>
/// Counts the store beside the requests of a server, once for all who ask. The last count is shown until the next one is done. The first one begins with the
/// server, so that those who come first hardly wait. Safe for use by several threads.
/// </summary>
/// <param name="count">Counts the store.</param>
/// <param name="clock">The clock.</param>
internal sealed class BackgroundCount(Func<StoreStatistics?> count, TimeProvider clock) : IStoreCount
{
    /// <summary>A count is done anew when it is this old, and someone asks.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    /// <summary>What is older is not shown.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(10);

    /// <summary>How long a request waits while there is nothing to show. Small stores are counted by then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>A large store is counted less often: for one part of the time counting, this many without.</summary>
    private const int Pause = 20;

    private readonly Lock _gate = new();
    private Task<Counted>? _running;
    private Counted? _last;

    /// <summary>Begins to count, for those who will ask.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _running ??= Task.Run(Count);
        }
    }

    public async Task<(StoreStatistics? Store, bool IsBeingCounted)> ReadAsync(CancellationToken cancellationToken)
    {
        var (running, last) = Look();
        if (last is not null)
        {
            return (last.Store, false);
        }

        var patience = Task.Delay(Patience, clock, cancellationToken);
        if (await Task.WhenAny(running!, patience).ConfigureAwait(false) == patience)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, true);
        }

        return ((await running!.ConfigureAwait(false)).Store, false);
    }

    /// <summary>The count to show, or the one to wait for. Takes in a count that has ended, and begins the next one when it is time.</summary>
    private (Task<Counted>? Running, Counted? Last) Look()
    {
        lock (_gate)
        {
            if (_running is { IsCompleted: true } ended)
            {
                // Those who waited for one that failed heard of it. The next ones wait for another, unless the last good one can still be shown.
                _running = null;
                _last = ended.IsCompletedSuccessfully ? ended.Result : _last;
            }

            var now = clock.GetUtcNow();
            var age = _last is null ? (TimeSpan?)null : now - _last.At;

            // A clock that was set back must not keep a count for good.
            if (age is not TimeSpan known || known < TimeSpan.Zero || known >= _last!.Pause)
            {
                _running ??= Task.Run(Count);
            }

            var isShown = age is TimeSpan shown && shown >= TimeSpan.Zero && shown < LongestAge;
            return (_running, isShown ? _last : null);
        }
    }

    private Counted Count()
    {
        var begin = clock.GetTimestamp();
        var at = clock.GetUtcNow();
        var store = count();
        var pause = clock.GetElapsedTime(begin) * Pause;
        return new Counted(store, at, pause > Freshness ? (pause < LongestAge / 2 ? pause : LongestAge / 2) : Freshness);
    }

    /// <param name="Store">What the store held; null without a store.</param>
    /// <param name="At">When it was counted.</param>
    /// <param name="Pause">How long until the next count.</param>
    private sealed record Counted(StoreStatistics? Store, DateTimeOffset At, TimeSpan Pause);
}
