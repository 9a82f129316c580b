using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The index of the shared store. Many keys are one question: what costs is the way to the server and back.</summary>
internal sealed class SharedIndicatorIndex(PostgreSqlSession session) : IDistantIndex
{
    private const string Columns =
        """
        i.kind, i.source, i.impact, i.corollary, r.text, f.text, i.value, i.digest, t.type, t.number, t.label, t.detail_url,
        t.first_published, t.last_published, t.withdrawn_at, i.threat, i.ordinal
        """;

    private const string Joins =
        "JOIN stored_threat t ON t.threat = i.threat LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family";

    private const int HashColumn = 17;

    private const string ByKey =
        $"""
        SELECT {Columns}, i.hash FROM (
            SELECT *, key1 AS hash FROM indicator WHERE key1 = any($1)
            UNION ALL SELECT *, key2 FROM indicator WHERE key2 = any($1)
            UNION ALL SELECT *, key3 FROM indicator WHERE key3 = any($1)) AS i {Joins} ORDER BY i.threat, i.ordinal
        """;

    /// <summary>Each key is looked for by itself and given up at its first row: a key may have thousands, and a plan that reads the whole table is ruled out.</summary>
    private const string PresentKeys =
        """
        SELECT key FROM unnest($1::bigint[]) AS asked (key), LATERAL (SELECT 1 FROM indicator WHERE key1 = asked.key LIMIT 1) AS one
        UNION ALL SELECT key FROM unnest($1::bigint[]) AS asked (key), LATERAL (SELECT 1 FROM indicator WHERE key2 = asked.key LIMIT 1) AS one
        UNION ALL SELECT key FROM unnest($1::bigint[]) AS asked (key), LATERAL (SELECT 1 FROM indicator WHERE key3 = asked.key LIMIT 1) AS one
        """;

    private long _changes = -1;

    public bool HasChanged() => Run(() =>
    {
        var changes = session.Scalar("SELECT changes FROM phishme_state") as long? ?? 0;
        var changed = changes != _changes;
        _changes = changes;
        return changed;
    });

    public void Read(ReadOnlySpan<long> keys, List<StoredIndicator> found, Span<int> ends)
    {
        var asked = keys.ToArray();
        var byKey = Run(() =>
        {
            var rows = new Dictionary<long, List<StoredIndicator>>();
            using var command = session.Command(ByKey, asked.Distinct().ToArray());
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                var hash = row.GetInt64(HashColumn);
                if (!rows.TryGetValue(hash, out var list))
                {
                    rows.Add(hash, list = []);
                }

                list.Add(ReadIndicator(row));
            }

            return rows;
        });
        for (var i = 0; i < keys.Length; i++)
        {
            if (byKey.TryGetValue(keys[i], out var rows))
            {
                found.AddRange(rows);
            }

            ends[i] = found.Count;
        }
    }

    public int ReadRange(AddressRange range, int most, List<StoredIndicator> found)
    {
        object at = range.At.ToArray(), last = range.Last.ToArray();
        return Run(() =>
        {
            var read = 0;
            using var command = session.Command(
                $"""
                SELECT {Columns}, i.address FROM indicator i {Joins}
                WHERE i.address IS NOT NULL AND (i.address, i.threat, i.ordinal) > ($1, $2, $3) AND i.address <= $4 ORDER BY i.address, i.threat, i.ordinal LIMIT $5
                """,
                at, range.Threat, range.Ordinal, last, most);
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                read++;
                found.Add(ReadIndicator(row));
                range.MoveTo(row.GetFieldValue<byte[]>(17), row.GetInt32(15), row.GetInt32(16));
            }

            return read;
        });
    }

    public IReadOnlyList<string> ReadNetworks() => Run(() => session.Rows(
        row => System.Text.Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0)),
        "SELECT DISTINCT value FROM indicator WHERE kind IN (1, 2) AND position('\\x2f'::bytea IN value) > 0"));

    public IReadOnlyCollection<long> FindPresent(IReadOnlyCollection<long> keys)
    {
        long[] asked = [.. keys];
        return asked.Length == 0 ? [] : Run(() => session.Rows(row => row.GetInt64(0), PresentKeys, asked));
    }

    private T Run<T>(Func<T> work) => session.Run(work);

    private static StoredIndicator ReadIndicator(NpgsqlDataReader row) => new()
    {
        Threat = row.GetInt32(15),
        Ordinal = row.GetInt32(16),
        Kind = (IndicatorKind)row.GetInt16(0),
        Source = (IndicatorSource)row.GetInt16(1),
        Impact = row.IsDBNull(2) ? null : (Impact)row.GetInt16(2),
        Corollary = row.GetBoolean(3),
        Role = row.Text(4),
        Family = row.Text(5),
        Value = new IndicatorValue(row.GetFieldValue<byte[]>(6), row.GetBoolean(7)).Text,
        ThreatId = new ThreatId((ThreatType)row.GetInt32(8), row.GetInt64(9)),
        Label = row.Text(10),
        DetailUrl = row.Text(11),
        FirstPublished = row.Long(12),
        LastPublished = row.Long(13),
        Withdrawn = !row.IsDBNull(14),
    };
}
