using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// From version 3 to 4: deliveries belong to destinations instead of formats, the outbox becomes the queue of the collector, and dead letters get columns
/// for what their subject said in words. Those words are read for the last time.
/// </summary>
internal static class MigrationTo4
{
    private const string Collector = LegacySubjectText.Collector;

    private static readonly (OutputFormat Format, string Destination)[] _outputs =
        [(OutputFormat.Cef, "raw_cef"), (OutputFormat.Json, "raw_json"), (OutputFormat.Stix, "raw_stix")];

    public static void Run(SqliteConnection connection, Action<string>? step)
    {
        foreach (var table in (string[])["cursor", "delivery", "dead_letter"])
        {
            StateSchema.Execute(connection, $"ALTER TABLE {table} RENAME TO {table}_3");
        }

        StateSchema.Execute(connection, string.Join('\n', ((string[])[
            "cursor", "mirror", "destination", "delivery", "queue", "dead_letter", "ledger", "pace", "upgrade"]).Select(StateTables.Sql)));
        StateSchema.Execute(connection, """
            INSERT INTO cursor (only_row, phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position, commits)
                SELECT only_row, phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position, 1 FROM cursor_3;
            INSERT INTO mirror (only_row, position) SELECT only_row, mirrored FROM cursor_3;
            INSERT INTO upgrade (from_version) SELECT 3 FROM cursor_3;
            """);
        foreach ((var format, var destination) in _outputs)
        {
            StateSchema.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"""
                INSERT INTO destination (id, commits, seen_position)
                    SELECT '{destination}', 1, (SELECT position FROM cursor) WHERE EXISTS (SELECT 1 FROM delivery_3 WHERE format = {(int)format});
                INSERT INTO delivery (destination, type, number, content, first_published, last_published, generation, delivered_at, withdrawn)
                    SELECT destination, old.type, old.number, old.content, old.first_published, old.last_published, old.generation, old.told_at, old.withdrawn
                    FROM delivery_3 AS old, destination WHERE old.format = {(int)format} AND destination.id = '{destination}' ORDER BY old.type, old.number;
                """));
        }

        step?.Invoke("upgrade-deliveries-moved");
        StateSchema.Execute(connection, $"""
            INSERT INTO destination (id, commits, seen_position)
                SELECT '{Collector}', 1, (SELECT position FROM cursor) WHERE EXISTS (SELECT 1 FROM outbox);
            INSERT INTO queue (sequence, destination, verb, key, payload)
                SELECT outbox.sequence, destination, 0, '', event FROM outbox, destination WHERE id = '{Collector}' ORDER BY outbox.sequence;
            """);
        MoveDeadLetters(connection);
        StateSchema.Execute(connection, "DROP TABLE cursor_3; DROP TABLE delivery_3; DROP TABLE dead_letter_3; DROP TABLE outbox;");
    }

    private static void MoveDeadLetters(SqliteConnection connection)
    {
        var letters = new List<DeadLetter>();
        using (var read = connection.CreateCommand())
        {
            read.CommandText = "SELECT subject, format, reason, payload, first_failed_at, last_tried_at, attempts, due_at FROM dead_letter_3 ORDER BY first_failed_at, subject, format";
            using var row = read.ExecuteReader();
            while (row.Read())
            {
                var place = LegacySubjectText.PlaceOf(row.GetString(0));
                letters.Add(new DeadLetter
                {
                    Place = place,
                    Destination = place is QueuePlace queue ? queue.Destination : null,
                    Format = (OutputFormat)row.GetInt32(1),
                    Reason = row.GetString(2),
                    Payload = row.IsDBNull(3) ? null : (byte[])row[3],
                    FirstFailedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                    LastTriedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
                    Attempts = row.GetInt32(6),
                    DueAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
                });
            }
        }

        using var session = new SqliteSession(connection, connection.DataSource, ownsConnection: false);
        var table = new DeadLetterTable(session);
        letters.ForEach(table.Insert);
    }
}
