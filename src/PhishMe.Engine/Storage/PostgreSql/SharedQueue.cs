using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The queues of all destinations, one behind the other in one table. What one host queued, any host sends.</summary>
internal sealed class SharedQueue(PostgreSqlSession session, SharedDestinations destinations)
{
    public async Task AddAsync(IReadOnlyCollection<QueueItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        var keys = new List<int>(items.Count);
        foreach (var item in items)
        {
            keys.Add(await destinations.KeyOfAsync(item.Destination).ConfigureAwait(false));
        }

        // Numbered in the order of the array.
        await session.ExecuteAsync(
            """
            INSERT INTO queue (destination, verb, type, number, key, payload)
            SELECT destination, verb, type, number, key, payload
            FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::bigint[], $5::text[], $6::bytea[])
                WITH ORDINALITY AS item (destination, verb, type, number, key, payload, place) ORDER BY place
            """,
            keys.ToArray(), items.Select(item => (int)item.Verb).ToArray(), items.Select(item => (int?)item.Threat?.Type).ToArray(),
            items.Select(item => item.Threat?.Number).ToArray(), items.Select(item => StorableText.Of(item.Key)!).ToArray(),
            items.Select(item => item.Payload.ToArray()).ToArray()).ConfigureAwait(false);
    }

    public async Task<QueueDepth> DepthAsync(DestinationId destination) =>
        await destinations.FindKeyAsync(destination).ConfigureAwait(false) is int key
            ? (await session.RowsAsync(
                row => new QueueDepth(row.GetInt64(0), row.GetInt64(1)),
                "SELECT count(*), coalesce(sum(length(payload)), 0)::bigint FROM queue WHERE destination = $1", key).ConfigureAwait(false))[0]
            : default;

    /// <summary>The items to send next.</summary>
    public async Task<IReadOnlyList<QueueItem>> ReadAsync(DestinationId destination, int most, long mostBytes, DateTimeOffset now)
    {
        if (await destinations.FindKeyAsync(destination).ConfigureAwait(false) is not int key)
        {
            return [];
        }

        // The limit of bytes is the server's to keep: a page of payloads may be large.
        return await session.RowsAsync(
            row => new QueueItem
            {
                Sequence = row.GetInt64(0),
                Destination = destination,
                Verb = (DeliveryVerb)row.GetInt32(1),
                Threat = row.IsDBNull(2) ? null : new ThreatId((ThreatType)row.GetInt32(2), row.GetInt64(3)),
                Key = row.GetString(4),
                Payload = row.GetFieldValue<byte[]>(5),
                Attempts = row.GetInt32(6),
                DueAt = row.Time(7),
            },
            """
            WITH next AS (
                SELECT sequence, sum(length(payload)) OVER (ORDER BY sequence) AS bytes, row_number() OVER (ORDER BY sequence) AS place FROM (
                    SELECT sequence, payload FROM queue AS item
                    WHERE destination = $1 AND due_at <= $2 AND NOT EXISTS (
                        SELECT 1 FROM queue AS before WHERE before.destination = $1 AND md5(before.key) = md5(item.key) AND before.key = item.key
                            AND before.sequence < item.sequence AND before.due_at > 0 AND before.due_at > $2)
                    ORDER BY sequence LIMIT $3) AS due)
            SELECT sequence, verb, type, number, key, payload, attempts, due_at FROM next JOIN queue USING (sequence)
            WHERE bytes <= $4 OR place = 1 ORDER BY sequence
            """,
            key, now.ToUnixTimeMilliseconds(), most, mostBytes).ConfigureAwait(false);
    }

    public async Task RemoveAsync(IReadOnlyCollection<long> sequences) =>
        await session.ExecuteAsync("DELETE FROM queue WHERE sequence = any($1)", sequences.ToArray()).ConfigureAwait(false);

    public async Task PostponeAsync(IReadOnlyCollection<(long Sequence, DateTimeOffset DueAt)> items) => await session.ExecuteAsync(
        """
        UPDATE queue SET due_at = later.due, attempts = attempts + 1 FROM unnest($1::bigint[], $2::bigint[]) AS later (item, due) WHERE sequence = later.item
        """,
        items.Select(item => item.Sequence).ToArray(), items.Select(item => Math.Max(1, item.DueAt.ToUnixTimeMilliseconds())).ToArray()).ConfigureAwait(false);

    /// <summary>Removes the oldest items until some bytes are free.</summary>
    public async Task<QueueDepth> DropOldestAsync(DestinationId destination, long bytes)
    {
        var key = await destinations.KeyOfAsync(destination).ConfigureAwait(false);
        return (await session.RowsAsync(
            row => new QueueDepth(row.GetInt64(0), row.GetInt64(1)),
            """
            WITH oldest AS (
                SELECT sequence, coalesce(sum(length(payload)) OVER (ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
                FROM queue WHERE destination = $1),
            gone AS (DELETE FROM queue USING oldest WHERE queue.sequence = oldest.sequence AND before < $2 RETURNING length(payload) AS freed)
            SELECT count(*), coalesce(sum(freed), 0)::bigint FROM gone
            """,
            key, bytes).ConfigureAwait(false))[0];
    }

    public async Task ClearAsync(int key) => await session.ExecuteAsync("DELETE FROM queue WHERE destination = $1", key).ConfigureAwait(false);
}
