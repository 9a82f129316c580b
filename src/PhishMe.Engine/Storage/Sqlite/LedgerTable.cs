using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>What the targets have of us.</summary>
internal sealed class LedgerTable(SqliteSession session, DestinationTable destinations)
{
    private const string Columns = "key, fingerprint, target_reference, expires_at, sent_at";

    public IReadOnlyDictionary<string, LedgerEntry> Get(DestinationId destination, IReadOnlyCollection<string> keys)
    {
        var entries = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        if (destinations.FindKey(destination) is not long number)
        {
            return entries;
        }

        foreach (var key in keys)
        {
            using var row = session.Command(
                $"SELECT {Columns} FROM ledger WHERE destination = $destination AND key = $key", ("$destination", number), ("$key", key)).ExecuteReader();
            if (row.Read())
            {
                entries[key] = Read(destination, row);
            }
        }

        return entries;
    }

    public IReadOnlyList<LedgerEntry> Expiring(DestinationId destination, DateTimeOffset? before, int most)
    {
        var entries = new List<LedgerEntry>();
        if (destinations.FindKey(destination) is not long number)
        {
            return entries;
        }

        using var row = session.Command(
            $"""
            SELECT {Columns} FROM ledger WHERE destination = $destination AND ($before IS NULL OR expires_at < $before)
            ORDER BY expires_at IS NULL, expires_at, key LIMIT $most
            """,
            ("$destination", number), ("$before", before?.ToUnixTimeMilliseconds()), ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            entries.Add(Read(destination, row));
        }

        return entries;
    }

    public long Count(DestinationId destination) => destinations.FindKey(destination) is long number
        ? (long)session.Command("SELECT count(*) FROM ledger WHERE destination = $destination", ("$destination", number)).ExecuteScalar()!
        : 0;

    public void Update(DestinationId destination, IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removed)
    {
        var number = destinations.KeyOf(destination);
        foreach (var entry in changed)
        {
            session.Command(
                """
                INSERT INTO ledger (destination, key, fingerprint, target_reference, expires_at, sent_at)
                VALUES ($destination, $key, $fingerprint, $reference, $expires, $sent)
                ON CONFLICT (destination, key) DO UPDATE SET fingerprint = $fingerprint, target_reference = $reference, expires_at = $expires, sent_at = $sent
                """,
                ("$destination", number), ("$key", entry.Key), ("$fingerprint", entry.Fingerprint), ("$reference", entry.TargetReference),
                ("$expires", entry.ExpiresAt?.ToUnixTimeMilliseconds()), ("$sent", entry.SentAt.ToUnixTimeMilliseconds())).ExecuteNonQuery();
        }

        foreach (var key in removed)
        {
            session.Command(
                "DELETE FROM ledger WHERE destination = $destination AND key = $key", ("$destination", number), ("$key", key)).ExecuteNonQuery();
        }
    }

    private static LedgerEntry Read(DestinationId destination, SqliteDataReader row) => new()
    {
        Destination = destination,
        Key = row.GetString(0),
        Fingerprint = row.GetString(1),
        TargetReference = row.IsDBNull(2) ? null : row.GetString(2),
        ExpiresAt = row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        SentAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
    };
}
