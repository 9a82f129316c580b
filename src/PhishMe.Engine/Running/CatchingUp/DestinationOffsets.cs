using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Running.CatchingUp;

/// <summary>Decides which destinations have to catch up when a run begins.</summary>
internal static class DestinationOffsets
{
    /// <summary>The offset of a destination at the beginning of a run.</summary>
    /// <param name="id">The destination.</param>
    /// <param name="known">Its offset as the state has it; null when it was never delivered to.</param>
    /// <param name="state">The cursor and the count of commits before this run.</param>
    /// <param name="start">Where the sync of this run starts.</param>
    /// <param name="now">Our clock.</param>
    public static DestinationState At(DestinationId id, DestinationState? known, (SyncCursor? Cursor, long Commit) state, SyncCursor start, DateTimeOffset now)
    {
        var current = (known ?? new DestinationState { Id = id, Commit = 0 }) with { Commit = state.Commit, Position = state.Cursor?.Position };
        if (StartsOver(state.Cursor, start))
        {
            // It is given everything with the others.
            return current with { CatchUp = null };
        }

        if (known is null)
        {
            return current with { CatchUp = new CatchUp { Reason = CatchUpReason.New, StartedAt = now } };
        }

        if (known.CatchUp is not null || known.Commit >= state.Commit)
        {
            // What was begun covers what was missed meanwhile only as far as it is still to come; to be sure it begins again.
            return known.CatchUp is not null && known.Commit < state.Commit
                ? current with { CatchUp = known.CatchUp with { StorePlace = null, Cursor = null } }
                : current with { CatchUp = known.CatchUp };
        }

        return current with { CatchUp = Missed(known.Position, start, CatchUpReason.WasOff, now) };
    }

    /// <summary>What a destination has to do that missed everything since a position.</summary>
    /// <param name="position">The position; null when the backfill of the sync was not done then.</param>
    /// <param name="cursor">Where the sync is now.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">Our clock.</param>
    public static CatchUp Missed(string? position, SyncCursor cursor, CatchUpReason reason, DateTimeOffset now) => new()
    {
        Reason = reason,
        StartedAt = now,
        Cursor = position is null ? null : cursor with { Phase = SyncPhase.Following, NextStep = 0, TotalElements = null, Position = position },
    };

    /// <summary>Whether the sync begins from the beginning, or follows for the first time.</summary>
    private static bool StartsOver(SyncCursor? before, SyncCursor start) =>
        before is null || (start.Phase != SyncPhase.Following && (start.Generation != before.Generation || start.Plan != before.Plan));
}
