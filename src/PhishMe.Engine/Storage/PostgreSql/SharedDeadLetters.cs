using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The dead letters.</summary>
internal sealed class SharedDeadLetters(PostgreSqlSession session)
{
    /// <summary>Parameters 1 to 10, as <see cref="PlaceValues"/> gives them.</summary>
    private const string Place =
        """
        kind = $1 AND format = $2 AND type IS NOT DISTINCT FROM $3 AND number IS NOT DISTINCT FROM $4 AND begins_at IS NOT DISTINCT FROM $5
            AND ends_at IS NOT DISTINCT FROM $6 AND position IS NOT DISTINCT FROM $7 AND length IS NOT DISTINCT FROM $8 AND total IS NOT DISTINCT FROM $9
            AND text IS NOT DISTINCT FROM $10
        """;

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<DeadLetter>> AllAsync() => await session.RowsAsync(
        Read,
        """
        SELECT kind, destination, format, type, number, begins_at, ends_at, position, length, total, text,
            reason, payload, first_failed_at, last_tried_at, attempts, due_at FROM dead_letter ORDER BY first_failed_at, letter
        """).ConfigureAwait(false);

    public async Task<bool> AnyAsync() => await session.ScalarAsync("SELECT EXISTS (SELECT 1 FROM dead_letter)").ConfigureAwait(false) is true;

    /// <summary>Adds one, or counts another failure.</summary>
    public async Task SetAsideAsync(DeadLetter letter, DateTimeOffset now)
    {
        var place = PlaceValues(letter.Place, letter.Format);
        var attempts = (await session.ScalarAsync($"SELECT attempts FROM dead_letter WHERE {Place}", place).ConfigureAwait(false) as int? ?? 0) + 1;
        var due = DeadLetterSchedule.DueAfter(attempts, now);
        if (attempts == 1)
        {
            await InsertAsync(letter with { FirstFailedAt = now, LastTriedAt = now, Attempts = 1, DueAt = due }).ConfigureAwait(false);
            return;
        }

        await session.ExecuteAsync(
            $"UPDATE dead_letter SET reason = $11, payload = $12, last_tried_at = $13, attempts = $14, due_at = $15 WHERE {Place}",
            [.. place, letter.Reason, letter.Payload, now.ToUnixTimeMilliseconds(), attempts, due.ToUnixTimeMilliseconds()]).ConfigureAwait(false);
    }

    public async Task InsertAsync(DeadLetter letter) => await session.ExecuteAsync(
        """
        INSERT INTO dead_letter (kind, format, type, number, begins_at, ends_at, position, length, total, text,
            destination, reason, payload, first_failed_at, last_tried_at, attempts, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        [
            .. PlaceValues(letter.Place, letter.Format), letter.Destination?.ToString() ?? string.Empty, letter.Reason, letter.Payload,
            letter.FirstFailedAt.ToUnixTimeMilliseconds(), letter.LastTriedAt.ToUnixTimeMilliseconds(), letter.Attempts, letter.DueAt.ToUnixTimeMilliseconds(),
        ]).ConfigureAwait(false);

    /// <returns>Whether there was one.</returns>
    public async Task<bool> HealAsync(DeadLetterPlace place, OutputFormat format) =>
        await session.ExecuteAsync($"DELETE FROM dead_letter WHERE {Place}", PlaceValues(place, format)).ConfigureAwait(false) > 0;

    private static object?[] PlaceValues(DeadLetterPlace place, OutputFormat format)
    {
        var columns = DeadLetterColumns.Of(place);
        return
        [
            (int)columns.Kind, (int)format, (int?)columns.Type, columns.Number, columns.BeginsAt, columns.EndsAt, columns.Position, columns.Length,
            columns.Total, columns.Text,
        ];
    }

    private static DeadLetter Read(NpgsqlDataReader row)
    {
        var destination = row.GetString(1);
        return new DeadLetter
        {
            Place = new DeadLetterColumns
            {
                Kind = (DeadLetterKind)row.GetInt32(0),
                Type = (ThreatType?)row.Int(3),
                Number = row.Long(4),
                BeginsAt = row.Long(5),
                EndsAt = row.Long(6),
                Position = row.Long(7),
                Length = row.Long(8),
                Total = row.Long(9),
                Text = row.Text(10),
            }.ToPlace(destination),
            Destination = destination.Length == 0 ? null : new DestinationId(destination),
            Format = (OutputFormat)row.GetInt32(2),
            Reason = row.GetString(11),
            Payload = row.Bytes(12),
            FirstFailedAt = row.Time(13),
            LastTriedAt = row.Time(14),
            Attempts = row.GetInt32(15),
            DueAt = row.Time(16),
        };
    }
}
