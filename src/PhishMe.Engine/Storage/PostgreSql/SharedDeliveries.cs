using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The threats seen, and what each destination was given of them. A batch is one statement.</summary>
internal sealed class SharedDeliveries(PostgreSqlSession session)
{
    private const string Asked = "unnest($1::integer[], $2::bigint[]) AS asked (type, number)";

    /// <summary>What a destination was last given of some threats.</summary>
    public async Task<Dictionary<ThreatId, DeliveryRecord>> GetAsync(int destination, IReadOnlyCollection<ThreatId> ids)
    {
        var rows = await session.RowsAsync(
            row => (Id: IdOf(row), Record: new DeliveryRecord
            {
                Content = ContentHash.Read(row.GetFieldValue<byte[]>(2)),
                FirstPublished = row.Long(3),
                LastPublished = row.Long(4),
                Generation = row.GetInt32(5),
                DeliveredAt = row.GetInt64(6),
                Withdrawn = row.GetBoolean(7),
            }),
            $"""
            SELECT type, number, content, first_published, last_published, generation, delivered_at, withdrawn FROM {Asked} JOIN delivery USING (type, number)
            WHERE destination = $3
            """,
            TypesOf(ids), NumbersOf(ids), destination).ConfigureAwait(false);
        return ByThreat(rows);
    }

    public async Task<Dictionary<ThreatId, long>> FirstPublishedAsync(IReadOnlyCollection<ThreatId> ids)
    {
        var rows = await session.RowsAsync(
            row => (Id: IdOf(row), Date: row.GetInt64(2)),
            $"SELECT type, number, first_published FROM {Asked} JOIN threat USING (type, number) WHERE first_published IS NOT NULL",
            TypesOf(ids), NumbersOf(ids)).ConfigureAwait(false);
        return ByThreat(rows);
    }

    /// <summary>Those that the API reported withdrawn.</summary>
    public async Task<HashSet<ThreatId>> WithdrawnAmongAsync(IReadOnlyCollection<ThreatId> ids) =>
    [
        .. await session.RowsAsync(
            IdOf, $"SELECT type, number FROM {Asked} JOIN threat USING (type, number) WHERE withdrawn_at IS NOT NULL", TypesOf(ids), NumbersOf(ids)).ConfigureAwait(false),
    ];

    /// <summary>Threats that were withdrawn, and that the destination still has.</summary>
    public async Task<IReadOnlyList<ThreatId>> WithdrawnAsync(int destination, int most) => await session.RowsAsync(
        IdOf,
        """
        SELECT type, number FROM delivery JOIN threat USING (type, number)
        WHERE destination = $1 AND NOT withdrawn AND withdrawn_at IS NOT NULL ORDER BY type, number LIMIT $2
        """,
        destination, most).ConfigureAwait(false);

    /// <summary>Threats that the destination has and that were published last before a time.</summary>
    public async Task<IReadOnlyList<ThreatId>> OverdueAsync(int destination, long before, int most) => await session.RowsAsync(
        IdOf,
        """
        SELECT type, number FROM delivery
        WHERE destination = $1 AND NOT withdrawn AND coalesce(last_published, first_published, delivered_at) < $2 ORDER BY type, number LIMIT $3
        """,
        destination, before, most).ConfigureAwait(false);

    public async Task RecordThreatsAsync(IReadOnlyCollection<SeenThreat> threats, long now)
    {
        if (threats.Count == 0)
        {
            return;
        }

        // One statement changes a row once: of a threat that comes twice, the last one.
        SeenThreat[] last = [.. threats.Reverse().DistinctBy(threat => threat.Id)];
        await session.ExecuteAsync(
            """
            INSERT INTO threat AS known (type, number, first_published, last_published, seen_at)
            SELECT type, number, first, last, $5 FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[]) AS seen (type, number, first, last)
            ON CONFLICT (type, number) DO UPDATE SET first_published = coalesce(excluded.first_published, known.first_published),
                last_published = coalesce(excluded.last_published, known.last_published), seen_at = excluded.seen_at, withdrawn_at = NULL
            """,
            Array.ConvertAll(last, threat => (int)threat.Id.Type), Array.ConvertAll(last, threat => threat.Id.Number),
            Array.ConvertAll(last, threat => threat.FirstPublished), Array.ConvertAll(last, threat => threat.LastPublished), now).ConfigureAwait(false);
    }

    public async Task RecordWithdrawalsAsync(IReadOnlyCollection<ThreatId> ids, long now)
    {
        if (ids.Count == 0)
        {
            return;
        }

        ThreatId[] distinct = [.. ids.Distinct()];
        await session.ExecuteAsync(
            $"""
            INSERT INTO threat AS known (type, number, seen_at, withdrawn_at) SELECT type, number, $3, $3 FROM {Asked}
            ON CONFLICT (type, number) DO UPDATE SET withdrawn_at = coalesce(known.withdrawn_at, excluded.withdrawn_at)
            """,
            TypesOf(distinct), NumbersOf(distinct), now).ConfigureAwait(false);
    }

    public async Task RecordAsync(int destination, IReadOnlyCollection<(ThreatId Id, DeliveryRecord Record)> deliveries)
    {
        if (deliveries.Count == 0)
        {
            return;
        }

        (ThreatId Id, DeliveryRecord Record)[] last = [.. deliveries.Reverse().DistinctBy(delivery => delivery.Id)];
        await session.ExecuteAsync(
            """
            INSERT INTO delivery (destination, type, number, content, first_published, last_published, generation, delivered_at, withdrawn)
            SELECT $1, * FROM unnest($2::integer[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[], $7::integer[], $8::bigint[], $9::boolean[])
            ON CONFLICT (destination, type, number) DO UPDATE SET content = excluded.content, first_published = excluded.first_published,
                last_published = excluded.last_published, generation = excluded.generation, delivered_at = excluded.delivered_at, withdrawn = excluded.withdrawn
            """,
            destination, Array.ConvertAll(last, delivery => (int)delivery.Id.Type), Array.ConvertAll(last, delivery => delivery.Id.Number),
            Array.ConvertAll(last, delivery => BytesOf(delivery.Record.Content)), Array.ConvertAll(last, delivery => delivery.Record.FirstPublished),
            Array.ConvertAll(last, delivery => delivery.Record.LastPublished), Array.ConvertAll(last, delivery => delivery.Record.Generation),
            Array.ConvertAll(last, delivery => delivery.Record.DeliveredAt), Array.ConvertAll(last, delivery => delivery.Record.Withdrawn)).ConfigureAwait(false);
    }

    public async Task ClearAsync(int destination) =>
        await session.ExecuteAsync("DELETE FROM delivery WHERE destination = $1", destination).ConfigureAwait(false);

    /// <summary>A threat that is asked for twice has two rows.</summary>
    public static Dictionary<ThreatId, T> ByThreat<T>(IReadOnlyCollection<(ThreatId Id, T Value)> rows)
    {
        var found = new Dictionary<ThreatId, T>(rows.Count);
        foreach ((var id, var value) in rows)
        {
            found[id] = value;
        }

        return found;
    }

    public static int[] TypesOf(IReadOnlyCollection<ThreatId> ids) => [.. ids.Select(id => (int)id.Type)];

    public static long[] NumbersOf(IReadOnlyCollection<ThreatId> ids) => [.. ids.Select(id => id.Number)];

    public static byte[] BytesOf(ContentHash content)
    {
        var bytes = new byte[ContentHash.Size];
        content.Write(bytes);
        return bytes;
    }

    private static ThreatId IdOf(Npgsql.NpgsqlDataReader row) => new((ThreatType)row.GetInt32(0), row.GetInt64(1));
}
