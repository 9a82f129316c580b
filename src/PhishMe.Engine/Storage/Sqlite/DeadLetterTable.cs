using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The dead letters: kind, destination and place are columns, so that nothing has to be read out of words.</summary>
internal sealed class DeadLetterTable(SqliteSession session)
{
    private const string Place =
        "kind = $kind AND format = $format AND type IS $type AND number IS $number AND begins_at IS $begins AND ends_at IS $ends "
        + "AND position IS $position AND length IS $length AND total IS $total AND text IS $text";

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<DeadLetter> All()
    {
        var letters = new List<DeadLetter>();
        using var row = session.Command(
            """
            SELECT kind, destination, format, type, number, begins_at, ends_at, position, length, total, text,
                reason, payload, first_failed_at, last_tried_at, attempts, due_at FROM dead_letter ORDER BY first_failed_at, letter
            """).ExecuteReader();
        while (row.Read())
        {
            var destination = row.GetString(1);
            letters.Add(new DeadLetter
            {
                Place = PlaceOf(row),
                Destination = destination.Length == 0 ? null : new DestinationId(destination),
                Format = (OutputFormat)row.GetInt32(2),
                Reason = row.GetString(11),
                Payload = row.IsDBNull(12) ? null : (byte[])row[12],
                FirstFailedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(13)),
                LastTriedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(14)),
                Attempts = row.GetInt32(15),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(16)),
            });
        }

        return letters;
    }

    public bool Any() => session.Command("SELECT EXISTS (SELECT 1 FROM dead_letter)").ExecuteScalar() is 1L;

    /// <summary>Adds one, or counts another failure.</summary>
    public void SetAside(DeadLetter letter, DateTimeOffset now)
    {
        var tried = now.ToUnixTimeMilliseconds();
        var attempts = (int)(session.Command($"SELECT attempts FROM dead_letter WHERE {Place}", PlaceParameters(letter.Place, letter.Format)).ExecuteScalar() as long? ?? 0) + 1;
        var due = DeadLetterSchedule.DueAfter(attempts, now);
        if (attempts == 1)
        {
            Insert(letter with
            {
                FirstFailedAt = now,
                LastTriedAt = now,
                Attempts = 1,
                DueAt = due,
            });
            return;
        }

        session.Command(
            $"UPDATE dead_letter SET reason = $reason, payload = $payload, last_tried_at = $tried, attempts = $attempts, due_at = $due WHERE {Place}",
            [("$reason", letter.Reason), ("$payload", letter.Payload), ("$tried", tried), ("$attempts", attempts), ("$due", due.ToUnixTimeMilliseconds()), .. PlaceParameters(letter.Place, letter.Format)])
            .ExecuteNonQuery();
    }

    public void Insert(DeadLetter letter) => session.Command(
        """
        INSERT INTO dead_letter (kind, format, type, number, begins_at, ends_at, position, length, total, text,
            destination, reason, payload, first_failed_at, last_tried_at, attempts, due_at)
        VALUES ($kind, $format, $type, $number, $begins, $ends, $position, $length, $total, $text,
            $destination, $reason, $payload, $failed, $tried, $attempts, $due)
        """,
        [
            .. PlaceParameters(letter.Place, letter.Format),
            ("$destination", letter.Destination?.ToString() ?? string.Empty), ("$reason", letter.Reason), ("$payload", letter.Payload),
            ("$failed", letter.FirstFailedAt.ToUnixTimeMilliseconds()), ("$tried", letter.LastTriedAt.ToUnixTimeMilliseconds()),
            ("$attempts", letter.Attempts), ("$due", letter.DueAt.ToUnixTimeMilliseconds()),
        ]).ExecuteNonQuery();

    /// <returns>Whether there was one.</returns>
    public bool Heal(DeadLetterPlace place, OutputFormat format) =>
        session.Command($"DELETE FROM dead_letter WHERE {Place}", PlaceParameters(place, format)).ExecuteNonQuery() > 0;

    private static (string Name, object? Value)[] PlaceParameters(DeadLetterPlace place, OutputFormat format)
    {
        var columns = DeadLetterColumns.Of(place);
        return
        [
            ("$kind", (int)columns.Kind), ("$format", (int)format), ("$type", (int?)columns.Type), ("$number", columns.Number), ("$begins", columns.BeginsAt),
            ("$ends", columns.EndsAt), ("$position", columns.Position), ("$length", columns.Length), ("$total", columns.Total), ("$text", columns.Text),
        ];
    }

    private static DeadLetterPlace PlaceOf(SqliteDataReader row)
    {
        return new DeadLetterColumns
        {
            Kind = (DeadLetterKind)row.GetInt32(0),
            Type = (ThreatType?)Number(3),
            Number = Number(4),
            BeginsAt = Number(5),
            EndsAt = Number(6),
            Position = Number(7),
            Length = Number(8),
            Total = Number(9),
            Text = row.IsDBNull(10) ? null : row.GetString(10),
        }.ToPlace(row.GetString(1));

        long? Number(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
    }
}
