using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The queues of all destinations, one behind the other in one table.</summary>
internal sealed class QueueTable(SqliteSession session, DestinationTable destinations) : IDisposable
{
    private SqliteStatement? _insert;

    /// <summary>Prepared once: a batch adds thousands of events.</summary>
    private SqliteStatement Insert => _insert ??= new SqliteStatement(
        session.Connection, "INSERT INTO queue (destination, verb, type, number, key, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    public void Add(IReadOnlyCollection<QueueItem> items)
    {
        foreach (var item in items)
        {
            Insert.Bind(1, destinations.KeyOf(item.Destination)).Bind(2, (long)item.Verb).Bind(3, (long?)item.Threat?.Type).Bind(4, item.Threat?.Number)
                .Bind(5, item.Key).BindBlob(6, item.Payload.Span).Run();
        }
    }

    public QueueDepth Depth(DestinationId destination)
    {
        if (destinations.FindKey(destination) is not long key)
        {
            return default;
        }

        using var row = session.Command(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM queue WHERE destination = $destination", ("$destination", key)).ExecuteReader();
        return row.Read() ? new QueueDepth(row.GetInt64(0), row.GetInt64(1)) : default;
    }

    /// <summary>The items to send next.</summary>
    public IReadOnlyList<QueueItem> Read(DestinationId destination, int most, long mostBytes, DateTimeOffset now)
    {
        var items = new List<QueueItem>();
        if (destinations.FindKey(destination) is not long key)
        {
            return items;
        }

        long bytes = 0;
        using var row = session.Command(
            """
            SELECT sequence, verb, type, number, key, payload, attempts, due_at FROM queue AS item
            WHERE destination = $destination AND due_at <= $now AND NOT EXISTS (
                SELECT 1 FROM queue AS before WHERE before.destination = $destination AND before.key = item.key AND before.sequence < item.sequence
                    AND before.due_at > 0 AND before.due_at > $now)
            ORDER BY sequence LIMIT $most
            """,
            ("$destination", key), ("$now", now.ToUnixTimeMilliseconds()), ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            var payload = (byte[])row[5];
            bytes += payload.Length;
            if (items.Count > 0 && bytes > mostBytes)
            {
                break;
            }

            items.Add(new QueueItem
            {
                Sequence = row.GetInt64(0),
                Destination = destination,
                Verb = (DeliveryVerb)row.GetInt32(1),
                Threat = row.IsDBNull(2) ? null : new ThreatId((ThreatType)row.GetInt32(2), row.GetInt64(3)),
                Key = row.GetString(4),
                Payload = payload,
                Attempts = row.GetInt32(6),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            });
        }

        return items;
    }

    public void Remove(IReadOnlyCollection<long> sequences)
    {
        foreach (var sequence in sequences)
        {
            session.Command("DELETE FROM queue WHERE sequence = $sequence", ("$sequence", sequence)).ExecuteNonQuery();
        }
    }

    public void Postpone(IReadOnlyCollection<(long Sequence, DateTimeOffset DueAt)> items)
    {
        foreach ((var sequence, var due) in items)
        {
            session.Command(
                "UPDATE queue SET due_at = $due, attempts = attempts + 1 WHERE sequence = $sequence",
                ("$due", Math.Max(1, due.ToUnixTimeMilliseconds())), ("$sequence", sequence)).ExecuteNonQuery();
        }
    }

    /// <summary>Removes the oldest items until some bytes are free.</summary>
    public QueueDepth DropOldest(DestinationId destination, long bytes)
    {
        var key = destinations.KeyOf(destination);
        long items = 0, freed = 0;
        while (freed < bytes && session.Command(
            "DELETE FROM queue WHERE sequence = (SELECT min(sequence) FROM queue WHERE destination = $destination) RETURNING length(payload)",
            ("$destination", key)).ExecuteScalar() is long length)
        {
            items++;
            freed += length;
        }

        return new QueueDepth(items, freed);
    }

    public void Clear(long key) => session.Command("DELETE FROM queue WHERE destination = $destination", ("$destination", key)).ExecuteNonQuery();

    public void Dispose() => _insert?.Dispose();
}
