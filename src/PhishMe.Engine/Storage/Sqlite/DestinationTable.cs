using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The offsets of the destinations.</summary>
internal sealed class DestinationTable(SqliteSession session)
{
    private readonly Dictionary<DestinationId, long> _keys = [];

    public IReadOnlyList<DestinationState> All()
    {
        var states = new List<DestinationState>();
        using var row = session.Command(
            $"""
            SELECT id, commits, seen_position, catch_up, catch_up_started_at, store_place, fingerprint, last_delivery_at, last_error, last_error_at,
                {CursorColumns.Names} FROM destination ORDER BY id
            """).ExecuteReader();
        while (row.Read())
        {
            states.Add(new DestinationState
            {
                Id = new DestinationId(row.GetString(0)),
                Commit = row.GetInt64(1),
                Position = row.IsDBNull(2) ? null : row.GetString(2),
                CatchUp = row.IsDBNull(3) ? null : new CatchUp
                {
                    Reason = (CatchUpReason)row.GetInt32(3),
                    StartedAt = Time(row, 4) ?? default,
                    StorePlace = row.IsDBNull(5) ? null : row.GetInt64(5),
                    Cursor = CursorColumns.Read(row, 10),
                },
                Fingerprint = row.IsDBNull(6) ? null : row.GetString(6),
                LastDeliveryAt = Time(row, 7),
                LastError = row.IsDBNull(8) ? null : row.GetString(8),
                LastErrorAt = Time(row, 9),
            });
        }

        return states;
    }

    public void Set(DestinationState state) => session.Command(
        $"""
        INSERT INTO destination (id, commits, seen_position, catch_up, catch_up_started_at, store_place, fingerprint, last_delivery_at, last_error,
            last_error_at, {CursorColumns.Names})
        VALUES ($id, $commits, $seen, $reason, $started, $place, $fingerprint, $delivered, $error, $failed, {CursorColumns.Parameters})
        ON CONFLICT (id) DO UPDATE SET commits = $commits, seen_position = $seen, catch_up = $reason, catch_up_started_at = $started, store_place = $place,
            fingerprint = $fingerprint, last_delivery_at = $delivered, last_error = $error, last_error_at = $failed, {CursorColumns.Assignments}
        """,
        [
            ("$id", state.Id.ToString()), ("$commits", state.Commit), ("$seen", state.Position), ("$reason", (int?)state.CatchUp?.Reason),
            ("$started", state.CatchUp?.StartedAt.ToUnixTimeMilliseconds()), ("$place", state.CatchUp?.StorePlace), ("$fingerprint", state.Fingerprint),
            ("$delivered", state.LastDeliveryAt?.ToUnixTimeMilliseconds()), ("$error", state.LastError), ("$failed", state.LastErrorAt?.ToUnixTimeMilliseconds()),
            .. CursorColumns.ValuesOf(state.CatchUp?.Cursor),
        ]).ExecuteNonQuery();

    /// <summary>These destinations have everything up to a commit.</summary>
    public void Advance(IReadOnlyCollection<DestinationId> destinations, long commit, string? position)
    {
        foreach (var destination in destinations)
        {
            session.Command(
                "UPDATE destination SET commits = $commits, seen_position = $seen WHERE destination = $destination",
                ("$commits", commit), ("$seen", position), ("$destination", KeyOf(destination))).ExecuteNonQuery();
        }
    }

    /// <summary>The short number of a destination; one that is not known yet gets one, when a transaction is open.</summary>
    public long KeyOf(DestinationId id)
    {
        if (FindKey(id) is long known)
        {
            return known;
        }

        var key = (long)session.Command("INSERT INTO destination (id, commits) VALUES ($id, 0) RETURNING destination", ("$id", id.ToString())).ExecuteScalar()!;
        _keys.Add(id, key);
        return key;
    }

    /// <returns>Null when nothing is known of it.</returns>
    public long? FindKey(DestinationId id)
    {
        if (_keys.TryGetValue(id, out var key))
        {
            return key;
        }

        if (session.Command("SELECT destination FROM destination WHERE id = $id", ("$id", id.ToString())).ExecuteScalar() is not long found)
        {
            return null;
        }

        _keys.Add(id, found);
        return found;
    }

    /// <summary>What was noted in a transaction that was rolled back is not so.</summary>
    public void Forget() => _keys.Clear();

    /// <summary>
    /// After an upgrade from version 3, where CEF files and syslog were one: the collector was given what the files were, and destinations that were
    /// delivered to do not catch up.
    /// </summary>
    public void Adopt(IReadOnlyCollection<DestinationId> configured, long commit, string? position)
    {
        if (session.Command("SELECT EXISTS (SELECT 1 FROM upgrade WHERE from_version = 3)").ExecuteScalar() is not 1L)
        {
            return;
        }

        DestinationId files = new("raw_cef"), collector = new("syslog@raw_cef");
        var nothingYet = session.Command("SELECT EXISTS (SELECT 1 FROM delivery)").ExecuteScalar() is 0L;
        if (configured.Contains(collector) && FindKey(files) is long source)
        {
            session.Command(
                """
                INSERT OR IGNORE INTO delivery (destination, type, number, content, first_published, last_published, generation, delivered_at, withdrawn)
                SELECT $collector, type, number, content, first_published, last_published, generation, delivered_at, withdrawn FROM delivery
                WHERE destination = $files ORDER BY type, number
                """,
                ("$collector", KeyOf(collector)), ("$files", source)).ExecuteNonQuery();
            Advance([collector], commit, position);
            if (!configured.Contains(files))
            {
                // There are no such files: switched on one day, they are new.
                session.Command("DELETE FROM delivery WHERE destination = $files", ("$files", source)).ExecuteNonQuery();
                session.Command("DELETE FROM destination WHERE destination = $files", ("$files", source)).ExecuteNonQuery();
                Forget();
            }
        }

        if (nothingYet)
        {
            Advance(configured, commit, position);
        }

        session.Command("DELETE FROM upgrade").ExecuteNonQuery();
    }

    private static DateTimeOffset? Time(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
