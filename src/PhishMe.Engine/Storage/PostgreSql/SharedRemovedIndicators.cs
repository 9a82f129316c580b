using System.Text;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// What updates took out of the stored threats. STIX 2.1 revokes it and MISP deletes it, also in an export long after the update: for both, an object that is
/// merely missing still holds.
/// </summary>
internal sealed class SharedRemovedIndicators(PostgreSqlSession session)
{
    /// <summary>Notes what the stored versions of threats have and the new ones no longer have; what is back is no longer removed.</summary>
    /// <param name="threats">The store's number of each, its stored JSON (null when it is damaged, then nothing is known), and its new indicators.</param>
    public async Task NoteAsync(IReadOnlyList<(int Key, byte[]? Before, IReadOnlyList<IndexedIndicator> Now)> threats)
    {
        List<int> backThreats = [], backKinds = [];
        List<byte[]> backValues = [];
        var removed = new List<(int Key, IndicatorKey Value, Indicator Indicator)>();
        var noted = await AnyAsync([.. threats.Select(threat => threat.Key)]).ConfigureAwait(false);
        foreach ((var key, var before, var now) in threats)
        {
            HashSet<IndicatorKey> kept = [.. now.Select(indicator => new IndicatorKey(indicator.Kind, indicator.Value))];
            if (noted.Contains(key))
            {
                backThreats.AddRange(Enumerable.Repeat(key, kept.Count));
                backKinds.AddRange(kept.Select(indicator => (int)indicator.Kind));
                backValues.AddRange(kept.Select(indicator => Encoding.UTF8.GetBytes(indicator.Value)));
            }

            if (before is not null && ReadThreat.Of(before).Threat is Threat threat)
            {
                removed.AddRange(threat.Indicators.Select(indicator => (key, IndicatorKey.Of(indicator), indicator)).Where(one => !kept.Contains(one.Item2)));
            }
        }

        if (backThreats.Count > 0)
        {
            await session.ExecuteAsync(
                """
                DELETE FROM removed_indicator AS gone USING unnest($1::integer[], $2::integer[], $3::bytea[]) AS back (threat, kind, value)
                WHERE gone.threat = back.threat AND gone.kind = back.kind AND sha256(gone.value) = sha256(back.value)
                """,
                backThreats.ToArray(), backKinds.ToArray(), backValues.ToArray()).ConfigureAwait(false);
        }

        if (removed.Count > 0)
        {
            await InsertAsync(removed).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets what was taken out of threats.</summary>
    public async Task DeleteAsync(int[] keys) => await session.ExecuteAsync("DELETE FROM removed_indicator WHERE threat = any($1)", keys).ConfigureAwait(false);

    /// <summary>What was taken out of threats and is carried by no live threat.</summary>
    /// <param name="threats">The store's number of each, and its id.</param>
    public Dictionary<int, IReadOnlyList<Indicator>> Read(IReadOnlyDictionary<int, ThreatId> threats)
    {
        var removed = session.Rows(
            row => (Key: row.GetInt32(0), Value: Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(2)), Indicator: ReadOne(row, threats[row.GetInt32(0)])),
            """
            SELECT threat, kind, value, written, source, impact, corollary, role, family, file_name FROM removed_indicator
            WHERE threat = any($1) ORDER BY threat, kind, value
            """,
            threats.Keys.ToArray());
        if (removed.Count == 0)
        {
            return [];
        }

        var carried = Carried([.. removed.Select(one => new IndicatorKey(one.Indicator.Kind, one.Value))]);
        return removed.Where(one => !carried.Contains(new IndicatorKey(one.Indicator.Kind, one.Value))).GroupBy(one => one.Key)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<Indicator>)[.. group.Select(one => one.Indicator)]);
    }

    private static Indicator ReadOne(Npgsql.NpgsqlDataReader row, ThreatId id)
    {
        var kind = (IndicatorKind)row.GetInt32(1);
        var written = Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(3));
        return new Indicator
        {
            ThreatId = id,
            Kind = kind,
            Value = written,
            NormalizedValue = Indicators.IndicatorNormalizer.Normalize(kind, written),
            Source = (IndicatorSource)row.GetInt32(4),
            Impact = (Impact?)row.Int(5),
            Corollary = row.GetBoolean(6),
            Role = row.Text(7),
            Family = row.Text(8),
            FileName = row.Text(9),
        };
    }

    /// <summary>Those that a live threat carries. Two values may share a key.</summary>
    private HashSet<IndicatorKey> Carried(IReadOnlyCollection<IndicatorKey> indicators)
    {
        Span<long> keys = stackalloc long[IndexKey.Most];
        var hashes = new List<long>(indicators.Count);
        foreach (var indicator in indicators)
        {
            _ = IndexKey.Of(indicator.Kind, Encoding.UTF8.GetBytes(indicator.Value), keys);
            hashes.Add(keys[0]);
        }

        return
        [
            .. session.Rows(
                row => new IndicatorKey((IndicatorKind)row.GetInt16(0), new IndicatorValue(row.GetFieldValue<byte[]>(1), row.GetBoolean(2)).Text),
                "SELECT kind, value, digest FROM indicator JOIN stored_threat USING (threat) WHERE key1 = any($1) AND withdrawn_at IS NULL",
                hashes.Distinct().ToArray()),
        ];
    }

    private async Task<HashSet<int>> AnyAsync(int[] keys) =>
        [.. await session.RowsAsync(row => row.GetInt32(0), "SELECT DISTINCT threat FROM removed_indicator WHERE threat = any($1)", keys).ConfigureAwait(false)];

    private async Task InsertAsync(List<(int Key, IndicatorKey Value, Indicator Indicator)> removed) => await session.ExecuteAsync(
        """
        INSERT INTO removed_indicator (threat, kind, value, written, source, impact, corollary, role, family, file_name)
        SELECT * FROM unnest($1::integer[], $2::integer[], $3::bytea[], $4::bytea[], $5::integer[], $6::integer[], $7::boolean[], $8::text[], $9::text[], $10::text[])
        ON CONFLICT DO NOTHING
        """,
        removed.Select(one => one.Key).ToArray(), removed.Select(one => (int)one.Value.Kind).ToArray(),
        removed.Select(one => Encoding.UTF8.GetBytes(one.Value.Value)).ToArray(), removed.Select(one => Encoding.UTF8.GetBytes(one.Indicator.Value)).ToArray(),
        removed.Select(one => (int)one.Indicator.Source).ToArray(), removed.Select(one => (int?)one.Indicator.Impact).ToArray(),
        removed.Select(one => one.Indicator.Corollary).ToArray(), removed.Select(one => StorableText.Of(one.Indicator.Role)).ToArray(),
        removed.Select(one => StorableText.Of(one.Indicator.Family)).ToArray(), removed.Select(one => StorableText.Of(one.Indicator.FileName)).ToArray())
        .ConfigureAwait(false);
}
