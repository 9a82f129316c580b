using System.Text;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The store of threats and the index of their indicators. A batch takes about ten statements, however many threats it has.</summary>
internal sealed class SharedThreats(PostgreSqlSession session)
{
    private const string Asked = "unnest($1::integer[], $2::bigint[]) AS asked (type, number) JOIN stored_threat USING (type, number)";

    private readonly SharedIndicators _indicators = new(session);
    private readonly SharedRemovedIndicators _removed = new(session);
    private readonly SharedServedMarks _served = new(session);

    /// <summary>Stores threats, or replaces them with all their indicators; withdrawn ones are back.</summary>
    /// <param name="threats">The threats; one that comes twice is replaced by its second version.</param>
    /// <param name="now">Epoch milliseconds of our clock.</param>
    /// <param name="withdrawnAt">When each was withdrawn; null when none was.</param>
    public async Task PutAsync(IReadOnlyCollection<PreparedThreat> threats, long now, Func<ThreatId, long?>? withdrawnAt = null)
    {
        PreparedThreat[] rest = [.. threats];
        while (rest.Length > 0)
        {
            PreparedThreat[] first = [.. rest.DistinctBy(threat => threat.Id)];
            await PutOnceAsync(first, now, withdrawnAt).ConfigureAwait(false);
            rest = rest.Length == first.Length ? [] : [.. rest.Where(threat => !first.Contains(threat, ReferenceEqualityComparer.Instance))];
        }
    }

    /// <summary>Marks threats; those that are not stored stay unknown.</summary>
    public async Task WithdrawAsync(IReadOnlyCollection<ThreatId> ids, long now)
    {
        if (ids.Count > 0)
        {
            var keys = await session.RowsAsync(
                row => row.GetInt32(0),
                """
                UPDATE stored_threat SET withdrawn_at = $3 FROM unnest($1::integer[], $2::bigint[]) AS gone (type, number)
                WHERE stored_threat.type = gone.type AND stored_threat.number = gone.number AND withdrawn_at IS NULL RETURNING threat
                """,
                SharedDeliveries.TypesOf(ids), SharedDeliveries.NumbersOf(ids), now).ConfigureAwait(false);
            await _served.MarkAsync([.. keys.Select(key => (key, true))]).ConfigureAwait(false);
            await _served.MarkSharingAsync(keys).ConfigureAwait(false);
        }
    }

    /// <summary>The last known objects; those that are not stored are missing, and so are those whose bytes are damaged.</summary>
    public async Task<Dictionary<ThreatId, byte[]>> JsonAsync(IReadOnlyCollection<ThreatId> ids)
    {
        var found = new Dictionary<ThreatId, byte[]>();
        foreach ((var id, var packed) in await session.RowsAsync(
            row => (IdOf(row, 0), row.GetFieldValue<byte[]>(2)), $"SELECT type, number, json FROM {Asked} JOIN stored_json USING (threat)",
            SharedDeliveries.TypesOf(ids), SharedDeliveries.NumbersOf(ids)).ConfigureAwait(false))
        {
            if (StoredJson.Unpack(packed) is byte[] json)
            {
                found[id] = json;
            }
        }

        return found;
    }

    /// <summary>Those of some threats that are stored, live, and with another content.</summary>
    public async Task<IReadOnlyCollection<ThreatId>> ReplacedAsync(IReadOnlyCollection<(ThreatId Id, ContentHash Content)> threats)
    {
        var known = await FindAsync([.. threats.Select(threat => threat.Id)]).ConfigureAwait(false);
        return [.. threats.Where(threat => known.TryGetValue(threat.Id, out var stored) && !stored.Withdrawn && stored.Content != threat.Content).Select(threat => threat.Id)];
    }

    /// <summary>How live threats that are not among some others carry indicators: of those that do it alike, the one published last.</summary>
    public async Task<IReadOnlyDictionary<IndicatorKey, IReadOnlyList<IndicatorCarrier>>> CarriersAsync(
        IReadOnlyCollection<IndicatorKey> indicators, IReadOnlySet<ThreatId> except)
    {
        HashSet<IndicatorKey> asked = [.. indicators];
        var rows = await session.RowsAsync(
            row => (
                Key: new IndicatorKey((IndicatorKind)row.GetInt16(2), new IndicatorValue(row.GetFieldValue<byte[]>(3), row.GetBoolean(4)).Text),
                Id: IdOf(row, 0),
                Impact: row.IsDBNull(5) ? (Impact?)null : (Impact)row.GetInt16(5),
                Corollary: row.GetBoolean(6),
                PublishedAt: row.GetInt64(7)),
            """
            SELECT type, number, kind, value, digest, indicator.impact, corollary, coalesce(last_published, first_published, stored_at)
            FROM indicator JOIN stored_threat USING (threat) WHERE key1 = any($1) AND withdrawn_at IS NULL
            """,
            asked.Select(indicator => IndexKey.Of(KeySpace.Value, Encoding.UTF8.GetBytes(indicator.Value))).Distinct().ToArray()).ConfigureAwait(false);
        return rows.Where(row => asked.Contains(row.Key) && !except.Contains(row.Id)).GroupBy(row => row.Key).ToDictionary(
            group => group.Key,
            group => (IReadOnlyList<IndicatorCarrier>)
            [
                .. group.GroupBy(row => (row.Id.Type, row.Impact, row.Corollary))
                    .Select(alike => new IndicatorCarrier(alike.Key.Type, alike.Key.Impact, alike.Key.Corollary, alike.Max(row => row.PublishedAt))),
            ]);
    }

    /// <summary>The threats behind a place in the order of the store.</summary>
    public async Task<StoredThreatPage> ReadAsync(long after, int most)
    {
        var rows = await session.RowsAsync(
            row => (Key: row.GetInt32(0), Threat: new StoredThreat
            {
                Id = IdOf(row, 1),
                WithdrawnAt = row.OptionalTime(3),
                StoredAt = row.Time(4),
                Json = StoredJson.Unpack(row.GetFieldValue<byte[]>(5)) ?? throw new FormatException("A stored object is damaged."),
            }),
            """
            SELECT threat, type, number, withdrawn_at, stored_at, json FROM stored_threat JOIN stored_json USING (threat) WHERE threat > $1 ORDER BY threat LIMIT $2
            """,
            after, most).ConfigureAwait(false);
        return new StoredThreatPage([.. rows.Select(row => row.Threat)], rows.Count > 0 ? rows[^1].Key : after);
    }

    /// <summary>Removes threats that were published last before a time.</summary>
    /// <returns>How many were removed: fewer than <paramref name="most"/> when no more are left.</returns>
    public async Task<int> PurgeAsync(long before, int most)
    {
        int[] keys =
        [
            .. await session.RowsAsync(
                row => row.GetInt32(0), "SELECT threat FROM stored_threat WHERE coalesce(last_published, first_published, stored_at) < $1 LIMIT $2", before, most)
                .ConfigureAwait(false),
        ];
        if (keys.Length > 0)
        {
            await _indicators.RemoveAsync(keys).ConfigureAwait(false);
            await _removed.DeleteAsync(keys).ConfigureAwait(false);
            await _served.DeleteAsync(keys).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM stored_json WHERE threat = any($1)", keys).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM stored_threat WHERE threat = any($1)", keys).ConfigureAwait(false);
        }

        return keys.Length;
    }

    /// <summary>Removes and adds the indicators of stored threats: the index is rebuilt from their JSON.</summary>
    public async Task ReindexAsync(IReadOnlyList<(int Key, PreparedThreat Threat)> threats)
    {
        await _indicators.RemoveAsync([.. threats.Select(threat => threat.Key)]).ConfigureAwait(false);
        await _indicators.AddAsync(threats).ConfigureAwait(false);
    }

    /// <summary>What was noted in a transaction that was rolled back is not so.</summary>
    public void Forget() => _indicators.Forget();

    private async Task PutOnceAsync(PreparedThreat[] last, long now, Func<ThreatId, long?>? withdrawnAt)
    {
        var known = await FindAsync([.. last.Select(threat => threat.Id)]).ConfigureAwait(false);
        PreparedThreat[] added = [.. last.Where(threat => !known.ContainsKey(threat.Id))];
        PreparedThreat[] again = [.. last.Where(threat => known.ContainsKey(threat.Id))];
        PreparedThreat[] changed = [.. again.Where(threat => known[threat.Id].Content != threat.Content)];
        if (changed.Length > 0)
        {
            // Before the new JSON takes the place of the old.
            var before = await JsonAsync([.. changed.Select(threat => threat.Id)]).ConfigureAwait(false);
            await _removed.NoteAsync(
                [.. changed.Where(threat => threat.IsRead).Select(threat => (known[threat.Id].Key, before.GetValueOrDefault(threat.Id), threat.Indicators))]).ConfigureAwait(false);
            int[] replaced = [.. changed.Select(threat => known[threat.Id].Key)];
            await _served.MarkSharingAsync(replaced).ConfigureAwait(false);
            await _indicators.RemoveAsync(replaced).ConfigureAwait(false);
        }

        var keys = await InsertAsync(added, now, withdrawnAt).ConfigureAwait(false);
        await UpdateAsync(again, known, now, withdrawnAt).ConfigureAwait(false);
        int KeyOf(PreparedThreat threat) => known.TryGetValue(threat.Id, out var found) ? found.Key : keys[threat.Id];

        // The date of publication is no part of the content, but of the JSON: that is always the newest.
        await session.ExecuteAsync(
            """
            INSERT INTO stored_json (threat, json) SELECT * FROM unnest($1::integer[], $2::bytea[]) ON CONFLICT (threat) DO UPDATE SET json = excluded.json
            """,
            Array.ConvertAll(last, KeyOf), Array.ConvertAll(last, threat => threat.Json)).ConfigureAwait(false);
        await _indicators.AddAsync([.. added.Concat(changed).Select(threat => (KeyOf(threat), threat))]).ConfigureAwait(false);
        await _served.MarkAsync([.. last.Select(threat => (KeyOf(threat), !IsSame(threat)))]).ConfigureAwait(false);
        await _served.MarkSharingAsync([.. last.Where(threat => !IsSame(threat)).Select(KeyOf)]).ConfigureAwait(false);

        bool IsSame(PreparedThreat threat) =>
            known.TryGetValue(threat.Id, out var stored) && stored.Content == threat.Content && stored.Withdrawn == withdrawnAt?.Invoke(threat.Id) is not null;
    }

    private async Task<Dictionary<ThreatId, (int Key, ContentHash Content, bool Withdrawn)>> FindAsync(IReadOnlyCollection<ThreatId> ids)
    {
        var rows = await session.RowsAsync(
            row => (Id: IdOf(row, 0), Known: (row.GetInt32(2), ContentHash.Read(row.GetFieldValue<byte[]>(3)), row.GetBoolean(4))),
            $"SELECT type, number, threat, content, withdrawn_at IS NOT NULL FROM {Asked}",
            SharedDeliveries.TypesOf(ids), SharedDeliveries.NumbersOf(ids)).ConfigureAwait(false);
        return SharedDeliveries.ByThreat(rows);
    }

    private async Task<Dictionary<ThreatId, int>> InsertAsync(PreparedThreat[] threats, long now, Func<ThreatId, long?>? withdrawnAt)
    {
        if (threats.Length == 0)
        {
            return [];
        }

        // Numbered in the order in which they come: that is the order in which a store is read.
        var rows = await session.RowsAsync(
            row => (Id: IdOf(row, 0), Key: row.GetInt32(2)),
            """
            INSERT INTO stored_threat (type, number, content, first_published, last_published, withdrawn_at, stored_at, impact, label, detail_url, received_at)
            SELECT type, number, content, first, last, withdrawn, $10, impact, label, url, CASE WHEN coalesce(first, last) IS NULL THEN $10 END
            FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::text[], $9::text[])
                WITH ORDINALITY AS new (type, number, content, first, last, withdrawn, impact, label, url, place) ORDER BY place
            RETURNING type, number, threat
            """,
            [.. Columns(threats, withdrawnAt), now]).ConfigureAwait(false);
        return rows.ToDictionary(row => row.Id, row => row.Key);
    }

    private async Task UpdateAsync(
        PreparedThreat[] threats, Dictionary<ThreatId, (int Key, ContentHash Content, bool Withdrawn)> known, long now, Func<ThreatId, long?>? withdrawnAt)
    {
        if (threats.Length > 0)
        {
            await session.ExecuteAsync(
                """
                UPDATE stored_threat AS old SET content = new.content, first_published = new.first, last_published = new.last, withdrawn_at = new.withdrawn,
                    stored_at = $10, impact = new.impact, label = new.label, detail_url = new.url,
                    received_at = CASE WHEN old.content = new.content THEN received_at WHEN new.last > old.last_published THEN NULL ELSE $10 END
                FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::text[], $9::text[], $11::integer[])
                    AS new (type, number, content, first, last, withdrawn, impact, label, url, threat)
                WHERE old.threat = new.threat
                """,
                [.. Columns(threats, withdrawnAt), now, Array.ConvertAll(threats, threat => known[threat.Id].Key)]).ConfigureAwait(false);
        }
    }

    private static object?[] Columns(PreparedThreat[] threats, Func<ThreatId, long?>? withdrawnAt) =>
    [
        Array.ConvertAll(threats, threat => (int)threat.Id.Type), Array.ConvertAll(threats, threat => threat.Id.Number),
        Array.ConvertAll(threats, threat => SharedDeliveries.BytesOf(threat.Content)), Array.ConvertAll(threats, threat => threat.FirstPublished),
        Array.ConvertAll(threats, threat => threat.LastPublished), Array.ConvertAll(threats, threat => withdrawnAt?.Invoke(threat.Id)),
        Array.ConvertAll(threats, threat => (int?)threat.Impact), Array.ConvertAll(threats, threat => StorableText.Of(threat.Label)),
        Array.ConvertAll(threats, threat => StorableText.Of(threat.DetailUrl)),
    ];

    private static ThreatId IdOf(Npgsql.NpgsqlDataReader row, int first) => new((ThreatType)row.GetInt32(first), row.GetInt64(first + 1));
}
