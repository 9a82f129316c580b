using Npgsql;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The columns of a cursor, which two tables have.</summary>
internal static class SharedCursor
{
    public const int Count = 9;

    public const string Names = "phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position";

    public const string Excluded =
        """
        phase = excluded.phase, generation = excluded.generation, plan = excluded.plan, window_begin = excluded.window_begin, window_end = excluded.window_end,
            follow_from = excluded.follow_from, next_step = excluded.next_step, total_elements = excluded.total_elements, position = excluded.position
        """;

    public static object?[] ValuesOf(SyncCursor? cursor) =>
    [
        (int?)cursor?.Phase, cursor?.Generation, cursor?.Plan, cursor?.WindowBegin.ToUnixTimeMilliseconds(), cursor?.WindowEnd.ToUnixTimeMilliseconds(),
        cursor?.FollowFrom.ToUnixTimeMilliseconds(), cursor?.NextStep, cursor?.TotalElements, cursor?.Position,
    ];

    /// <param name="row">A row that has them in a row.</param>
    /// <param name="first">The column of the phase.</param>
    /// <returns>Null when there is no cursor.</returns>
    public static SyncCursor? Read(NpgsqlDataReader row, int first) => row.IsDBNull(first)
        ? null
        : new SyncCursor
        {
            Phase = (SyncPhase)row.GetInt32(first),
            Generation = row.GetInt32(first + 1),
            Plan = row.GetString(first + 2),
            WindowBegin = row.Time(first + 3),
            WindowEnd = row.Time(first + 4),
            FollowFrom = row.Time(first + 5),
            NextStep = row.GetInt32(first + 6),
            TotalElements = row.Long(first + 7),
            Position = row.Text(first + 8),
        };
}
