using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Who has to catch up when a run begins.</summary>
public sealed class DestinationOffsetsTests
{
    private static readonly DestinationId _id = new("raw_json");
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public void In_the_first_backfill_nothing_catches_up() =>
        Assert.Null(DestinationOffsets.At(_id, null, (null, 0), Cursor(SyncPhase.Pages), _now).CatchUp);

    [Fact]
    public void Without_state_the_position_of_the_file_counts_for_all() =>
        Assert.Null(DestinationOffsets.At(_id, null, (null, 0), Cursor(position: "p"), _now).CatchUp);

    [Fact]
    public void One_that_is_new_catches_up() =>
        Assert.Equal(CatchUpReason.New, DestinationOffsets.At(_id, null, (Cursor(position: "p"), 7), Cursor(position: "p"), _now).CatchUp?.Reason);

    [Fact]
    public void One_that_is_new_in_the_middle_of_a_backfill_catches_up_unless_that_starts_over()
    {
        var before = Cursor(SyncPhase.Pages) with { NextStep = 5 };
        Assert.Equal(CatchUpReason.New, DestinationOffsets.At(_id, null, (before, 7), before, _now).CatchUp?.Reason);
        Assert.Null(DestinationOffsets.At(_id, null, (before, 7), before with { NextStep = 0, Plan = "other" }, _now).CatchUp);
    }

    [Fact]
    public void One_that_took_part_in_the_newest_commit_is_current()
    {
        var offset = DestinationOffsets.At(_id, State(7, "p"), (Cursor(position: "p"), 7), Cursor(position: "p"), _now);
        Assert.Null(offset.CatchUp);
        Assert.Equal((7L, "p"), (offset.Commit, offset.Position));
    }

    [Fact]
    public void One_that_was_off_follows_the_changes_from_where_it_was()
    {
        var catchUp = DestinationOffsets.At(_id, State(5, "old"), (Cursor(position: "new"), 7), Cursor(position: "new"), _now).CatchUp!;
        Assert.Equal((CatchUpReason.WasOff, SyncPhase.Following, "old"), (catchUp.Reason, catchUp.Cursor!.Phase, catchUp.Cursor.Position));
    }

    [Fact]
    public void One_that_was_off_during_the_backfill_makes_its_own() =>
        Assert.Null(DestinationOffsets.At(_id, State(5, null), (Cursor(position: "new"), 7), Cursor(position: "new"), _now).CatchUp!.Cursor);

    [Fact]
    public void A_new_backfill_of_all_ends_every_catching_up()
    {
        var behind = State(5, "old") with { CatchUp = new CatchUp { Reason = CatchUpReason.Reset, StartedAt = _now } };
        Assert.Null(DestinationOffsets.At(_id, behind, (Cursor(position: "new"), 7), Cursor(SyncPhase.Pages) with { Generation = 2 }, _now).CatchUp);
    }

    [Fact]
    public void One_that_was_off_while_it_caught_up_begins_again()
    {
        var behind = State(5, "old") with { CatchUp = new CatchUp { Reason = CatchUpReason.Reset, StartedAt = _now, StorePlace = 80 } };
        var catchUp = DestinationOffsets.At(_id, behind, (Cursor(position: "new"), 7), Cursor(position: "new"), _now).CatchUp!;
        Assert.Equal(CatchUpReason.Reset, catchUp.Reason);
        Assert.Null(catchUp.StorePlace);
        Assert.Null(catchUp.Cursor);
    }

    private static DestinationState State(long commit, string? position) => new() { Id = _id, Commit = commit, Position = position };

    private static SyncCursor Cursor(SyncPhase phase = SyncPhase.Following, string? position = null) => new()
    {
        Phase = phase,
        Generation = 1,
        Plan = "plan",
        WindowBegin = _now.AddDays(-100),
        WindowEnd = _now,
        FollowFrom = _now,
        Position = position,
    };
}
