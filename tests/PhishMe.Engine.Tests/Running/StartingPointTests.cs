using PhishMe.Engine.Running;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Where a run starts, by what the state and config.ini say.</summary>
public sealed class StartingPointTests : IDisposable
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private readonly StateStore _state = StateStore.OpenCopy(Path.Combine(Path.GetTempPath(), "phishme-none", "none.db"));

    [Fact]
    public async Task Without_state_and_position_a_backfill_begins()
    {
        var cursor = await FindAsync(null);
        Assert.Equal((SyncPhase.Pages, 1, 0), (cursor.Phase, cursor.Generation, cursor.NextStep));
        Assert.Equal(_now.AddMinutes(-1), cursor.FollowFrom);
    }

    [Fact]
    public async Task Without_state_the_position_of_the_file_is_followed()
    {
        var cursor = await FindAsync("p");
        Assert.Equal((SyncPhase.Following, "p"), (cursor.Phase, cursor.Position));
    }

    [Fact]
    public async Task A_position_that_the_file_showed_before_the_newest_commit_is_not_an_edit()
    {
        await CommitAsync(Following("new"), mirrored: "old");
        Assert.Equal(Following("new"), await FindAsync("old"));
        Assert.Equal(Following("new"), await FindAsync("new"));
    }

    [Fact]
    public async Task A_position_that_was_cleared_starts_a_new_backfill()
    {
        await CommitAsync(Following("new"), mirrored: "new");
        var cursor = await FindAsync(null);
        Assert.Equal((SyncPhase.Pages, 2), (cursor.Phase, cursor.Generation));
    }

    [Fact]
    public async Task A_position_that_was_written_by_hand_wins()
    {
        await CommitAsync(Following("new"), mirrored: "new");
        var cursor = await FindAsync("mine");
        Assert.Equal((SyncPhase.Following, "mine", 2), (cursor.Phase, cursor.Position, cursor.Generation));
    }

    [Fact]
    public async Task A_backfill_goes_on_where_it_was_and_starts_over_when_its_plan_changed()
    {
        var middle = Backfill.Start(Plan(), _now, generation: 1) with { NextStep = 7 };
        await CommitAsync(middle, mirrored: string.Empty);

        Assert.Equal(middle, await FindAsync(null));
        var other = await FindAsync(null, Plan() with { ResultsPerPage = 50 });
        Assert.Equal((0, 1), (other.NextStep, other.Generation));
    }

    public void Dispose() => _state.Dispose();

    private static SyncPlan Plan() => new()
    {
        Products = new HashSet<ThreatType> { ThreatType.Malware },
        Formats = new HashSet<OutputFormat> { OutputFormat.Json },
        InitialDate = _now.AddDays(-100),
        ResultsPerPage = 100,
        Concurrency = 2,
    };

    private static SyncCursor Following(string position) => Backfill.Start(Plan(), _now, generation: 1) with { Phase = SyncPhase.Following, Position = position };

    private async Task CommitAsync(SyncCursor cursor, string mirrored)
    {
        using var transaction = await _state.BeginAsync(TestContext.Current.CancellationToken);
        await transaction.SetCursorAsync(cursor, mirrored, []);
        await transaction.CommitAsync();
    }

    private Task<SyncCursor> FindAsync(string? position, SyncPlan? plan = null) =>
        StartingPoint.FindAsync(_state, position, plan ?? Plan(), () => Task.FromResult(_now), Logger.None);
}
