using Microsoft.Data.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>What a check of the store reads: the state of the file, what the index says, and entries that belong to nothing.</summary>
internal sealed class StoreAudit(SqliteConnection connection)
{
    private const int Corrupt = 11, NotADatabase = 26;

    public IReadOnlyList<string> FindDamage()
    {
        var damage = new List<string>();
        try
        {
            using var check = new SqliteStatement(connection, "PRAGMA integrity_check(5)");
            while (check.Step())
            {
                if (check.Text(0) is string line and not "ok")
                {
                    damage.Add(line.ReplaceLineEndings(" "));
                }
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Corrupt or NotADatabase)
        {
            damage.Add(exception.Message);
        }

        return damage;
    }

    public IEnumerable<IndexedThreat> ReadIndex()
    {
        using var rows = new SqliteStatement(
            connection,
            "SELECT t.threat, t.type, t.number, t.content, j.json FROM stored_threat t LEFT JOIN stored_json j ON j.threat = t.threat ORDER BY t.threat");
        using var indicators = new SqliteStatement(
            connection,
            """
            SELECT i.kind, i.value, i.source, i.impact, i.corollary, r.text, f.text, i.ordinal FROM indicator i
            LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family WHERE i.threat = ?1 ORDER BY i.ordinal
            """);
        while (rows.Step())
        {
            yield return new IndexedThreat(
                new ThreatId((ThreatType)rows.Integer(1), rows.Integer(2)),
                ContentHash.Read(rows.Bytes(3)),
                rows.IsNull(4) ? null : StoredJson.Unpack(rows.Bytes(4)),
                Indexed(indicators, rows.Integer(0)));
        }
    }

    public long CountStrayEntries()
    {
        using var count = new SqliteStatement(
            connection,
            """
            SELECT (SELECT count(*) FROM indicator_key_all k WHERE NOT EXISTS (SELECT 1 FROM indicator i WHERE i.threat = k.threat AND i.ordinal = k.ordinal))
                + (SELECT count(*) FROM indicator_address k WHERE NOT EXISTS (SELECT 1 FROM indicator i WHERE i.threat = k.threat AND i.ordinal = k.ordinal))
                + (SELECT count(*) FROM indicator i WHERE NOT EXISTS (SELECT 1 FROM stored_threat t WHERE t.threat = i.threat))
            """);
        count.Step();
        return count.Integer(0) + CountMissing();
    }

    private static List<IndexedIndicator> Indexed(SqliteStatement rows, long threat)
    {
        var indicators = new List<IndexedIndicator>();
        rows.Bind(1, threat);
        while (rows.Step())
        {
            indicators.Add(new IndexedIndicator(
                (IndicatorKind)rows.Integer(0),
                rows.IsBlob(1) ? Convert.ToHexStringLower(rows.Bytes(1)) : rows.Text(1)!,
                (IndicatorSource)rows.Integer(2),
                (Impact?)rows.NullableInteger(3),
                rows.Integer(4) != 0,
                rows.Text(5),
                rows.Text(6)));
        }

        return indicators;
    }

    /// <summary>Indicators that cannot be found under one of their keys.</summary>
    private long CountMissing()
    {
        long missing = 0;
        using var rows = new SqliteStatement(connection, "SELECT threat, ordinal, kind, value FROM indicator");
        using var key = new SqliteStatement(connection, "SELECT 1 FROM indicator_key_all WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        using var networkAddress = new SqliteStatement(connection, "SELECT 1 FROM indicator_address WHERE address = ?1 AND threat = ?2 AND ordinal = ?3");
        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        Span<byte> hash = stackalloc byte[128];
        while (rows.Step())
        {
            var kind = (IndicatorKind)rows.Integer(2);
            scoped ReadOnlySpan<byte> value = rows.Bytes(3);
            if (rows.IsBlob(3) && Convert.TryToHexStringLower(value, hash, out var length))
            {
                value = hash[..length];
            }

            foreach (var one in keys[..IndexKey.Of(kind, value, keys)])
            {
                missing += Exists(key.Bind(1, one).Bind(2, rows.Integer(0)).Bind(3, rows.Integer(1))) ? 0 : 1;
            }

            if (IndexKey.AddressOf(kind, value, address) is var written and > 0)
            {
                missing += Exists(networkAddress.BindBlob(1, address[..written]).Bind(2, rows.Integer(0)).Bind(3, rows.Integer(1))) ? 0 : 1;
            }
        }

        return missing;

        static bool Exists(SqliteStatement statement)
        {
            var exists = statement.Step();
            statement.Reset();
            return exists;
        }
    }
}
