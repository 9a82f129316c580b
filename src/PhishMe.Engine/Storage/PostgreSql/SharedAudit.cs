using System.Text;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>What a check of the store reads: what the index says, and entries that belong to nothing.</summary>
internal static class SharedAudit
{
    private const int ThreatsAtOnce = 200;
    private const int IndicatorsAtOnce = 20_000;

    public static IEnumerable<IndexedThreat> ReadIndex(PostgreSqlSession session)
    {
        long last = int.MinValue;
        List<(int Key, ThreatId Id, ContentHash Content, byte[]? Json)> page;
        do
        {
            page = session.Run(() => session.Rows(
                row => (row.GetInt32(0), new ThreatId((ThreatType)row.GetInt32(1), row.GetInt64(2)), ContentHash.Read(row.GetFieldValue<byte[]>(3)),
                    row.Bytes(4) is byte[] packed ? StoredJson.Unpack(packed) : null),
                """
                SELECT t.threat, t.type, t.number, t.content, j.json FROM stored_threat t LEFT JOIN stored_json j ON j.threat = t.threat
                WHERE t.threat > $1 ORDER BY t.threat LIMIT $2
                """,
                last, ThreatsAtOnce));
            var indicators = session.Run(() => Indicators(session, [.. page.Select(threat => threat.Key)]));
            foreach (var threat in page)
            {
                last = threat.Key;
                yield return new IndexedThreat(threat.Id, threat.Content, threat.Json, [.. indicators[threat.Key]]);
            }
        }
        while (page.Count == ThreatsAtOnce);
    }

    public static long CountStrayEntries(PostgreSqlSession session) => CountMissing(session) + (long)session.Scalar(
        "SELECT count(*) FROM indicator i WHERE NOT EXISTS (SELECT 1 FROM stored_threat t WHERE t.threat = i.threat)")!;

    private static ILookup<int, IndexedIndicator> Indicators(PostgreSqlSession session, int[] threats) => session.Rows(
        row => (Threat: row.GetInt32(0), Indicator: new IndexedIndicator(
            (IndicatorKind)row.GetInt16(1),
            new IndicatorValue(row.GetFieldValue<byte[]>(2), row.GetBoolean(3)).Text,
            (IndicatorSource)row.GetInt16(4),
            row.IsDBNull(5) ? null : (Impact)row.GetInt16(5),
            row.GetBoolean(6),
            row.Text(7),
            row.Text(8))),
        """
        SELECT i.threat, i.kind, i.value, i.digest, i.source, i.impact, i.corollary, r.text, f.text FROM indicator i
        LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family WHERE i.threat = any($1) ORDER BY i.threat, i.ordinal
        """,
        threats).ToLookup(row => row.Threat, row => row.Indicator);

    /// <summary>Indicators whose keys or address are not those of their value.</summary>
    private static long CountMissing(PostgreSqlSession session)
    {
        long missing = 0;
        (int Threat, int Ordinal) last = (int.MinValue, 0);
        int read;
        do
        {
            var page = session.Rows(
                row => (Place: (row.GetInt32(0), row.GetInt32(1)), Wrong: WrongIn(row)),
                """
                SELECT threat, ordinal, kind, value, digest, key1, key2, key3, address FROM indicator
                WHERE (threat, ordinal) > ($1, $2) ORDER BY threat, ordinal LIMIT $3
                """,
                last.Threat, last.Ordinal, IndicatorsAtOnce);
            missing += page.Sum(row => row.Wrong);
            read = page.Count;
            last = read > 0 ? page[^1].Place : last;
        }
        while (read == IndicatorsAtOnce);
        return missing;
    }

    private static int WrongIn(Npgsql.NpgsqlDataReader row)
    {
        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        var kind = (IndicatorKind)row.GetInt16(2);
        var value = Encoding.UTF8.GetBytes(new IndicatorValue(row.GetFieldValue<byte[]>(3), row.GetBoolean(4)).Text);
        var count = IndexKey.Of(kind, value, keys);
        var wrong = 0;
        for (var i = 0; i < IndexKey.Most; i++)
        {
            wrong += row.Long(5 + i) == (i < count ? keys[i] : null) ? 0 : 1;
        }

        var length = IndexKey.AddressOf(kind, value, address);
        return wrong + (address[..length].SequenceEqual(row.Bytes(8) ?? []) ? 0 : 1);
    }
}
