using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The columns of a cursor, which two tables have.</summary>
internal static class CursorColumns
{
    public const string Names = "phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position";
    public const string Parameters = "$phase, $generation, $plan, $begin, $end, $from, $next, $total, $position";
    public const string Assignments =
        "phase = $phase, generation = $generation, plan = $plan, window_begin = $begin, window_end = $end, follow_from = $from, next_step = $next, total_elements = $total, position = $position";

    public static (string Name, object? Value)[] ValuesOf(SyncCursor? cursor) =>
    [
        ("$phase", cursor is null ? null : (int)cursor.Phase), ("$generation", cursor?.Generation), ("$plan", cursor?.Plan),
        ("$begin", cursor?.WindowBegin.ToUnixTimeMilliseconds()), ("$end", cursor?.WindowEnd.ToUnixTimeMilliseconds()),
        ("$from", cursor?.FollowFrom.ToUnixTimeMilliseconds()), ("$next", cursor?.NextStep), ("$total", cursor?.TotalElements), ("$position", cursor?.Position),
    ];

    /// <param name="row">A row that has them in a row.</param>
    /// <param name="first">The column of the phase.</param>
    /// <returns>Null when there is no cursor.</returns>
    public static SyncCursor? Read(SqliteDataReader row, int first) => row.IsDBNull(first)
        ? null
        : new SyncCursor
        {
            Phase = (SyncPhase)row.GetInt32(first),
            Generation = row.GetInt32(first + 1),
            Plan = row.GetString(first + 2),
            WindowBegin = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(first + 3)),
            WindowEnd = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(first + 4)),
            FollowFrom = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(first + 5)),
            NextStep = row.GetInt32(first + 6),
            TotalElements = row.IsDBNull(first + 7) ? null : row.GetInt64(first + 7),
            Position = row.IsDBNull(first + 8) ? null : row.GetString(first + 8),
        };
}
