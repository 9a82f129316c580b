using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using Serilog;

namespace PhishMe.Engine.Running;

/// <summary>Decides where a run starts from what the state file and config.ini say; if a person changed the position there, config.ini wins.</summary>
internal static class StartingPoint
{
    /// <param name="state">The state file.</param>
    /// <param name="position">Position as config.ini has it; null when empty.</param>
    /// <param name="plan">What the sync is about.</param>
    /// <param name="now">The server's time, asked for only when a backfill starts.</param>
    /// <param name="log">Receives what was decided and why.</param>
    public static async Task<SyncCursor> FindAsync(IStateStore state, string? position, SyncPlan plan, Func<Task<DateTimeOffset>> now, ILogger log)
    {
        var shown = position ?? string.Empty;
        if (state.Cursor is not SyncCursor cursor)
        {
            if (shown.Length == 0)
            {
                log.Information("There is no position yet; backfill from {Date:yyyy-MM-dd}", plan.InitialDate);
                return Backfill.Start(plan, await now().ConfigureAwait(false), generation: 1);
            }

            log.Information("There is no state yet; continuing from the position in the configuration file");
            return Follow(Backfill.Start(plan, await now().ConfigureAwait(false), generation: 1), shown);
        }

        // What the file showed before the newest commit is not a person's doing: the run died, or could not write the file.
        // That of a host which takes part for the first time came from elsewhere.
        if (state.Host.IsKnown && shown != (cursor.Position ?? string.Empty) && !state.Host.MayShow(shown))
        {
            if (shown.Length == 0)
            {
                log.Warning("The position in the configuration file was cleared: new backfill from {Date:yyyy-MM-dd}", plan.InitialDate);
                return Backfill.Start(plan, await now().ConfigureAwait(false), cursor.Generation + 1);
            }

            log.Warning("The position in the configuration file was changed by hand; continuing from there");
            return Follow(cursor, shown) with { Generation = cursor.Generation + 1 };
        }

        if (cursor.Phase != SyncPhase.Following && cursor.Plan != plan.Fingerprint)
        {
            log.Warning("The configuration changed during the backfill, so the backfill starts again; unchanged threats are not delivered again");
            return Backfill.Start(plan, await now().ConfigureAwait(false), cursor.Generation) with { FollowFrom = cursor.FollowFrom };
        }

        if (cursor.Phase != SyncPhase.Following)
        {
            log.Information("Resuming the backfill ({Phase}, step {Step})", cursor.Phase, cursor.NextStep);
        }

        return cursor;
    }

    private static SyncCursor Follow(SyncCursor cursor, string position) =>
        cursor with { Phase = SyncPhase.Following, NextStep = 0, TotalElements = null, Position = position };
}
