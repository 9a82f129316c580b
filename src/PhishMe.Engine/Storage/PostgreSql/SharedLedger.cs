namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>What the targets have of us.</summary>
internal sealed class SharedLedger(PostgreSqlSession session, SharedDestinations destinations)
{
    private const string Columns = "key, fingerprint, target_reference, expires_at, sent_at";

    public async Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(DestinationId destination, IReadOnlyCollection<string> keys)
    {
        var entries = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        if (await destinations.FindKeyAsync(destination).ConfigureAwait(false) is not int number)
        {
            return entries;
        }

        // Under the key that was asked for, not the one that could be stored.
        var asked = keys.Distinct(StringComparer.Ordinal).ToLookup(key => StorableText.Of(key)!, StringComparer.Ordinal);
        var rows = await session.RowsAsync(
            row => Read(destination, row),
            $"""
            SELECT {Columns} FROM ledger JOIN unnest($2::text[]) AS asked (wanted) ON md5(key) = md5(wanted) AND key = wanted WHERE destination = $1
            """,
            number, asked.Select(key => key.Key).ToArray()).ConfigureAwait(false);
        foreach (var entry in rows)
        {
            foreach (var key in asked[entry.Key])
            {
                entries[key] = entry with { Key = key };
            }
        }

        return entries;
    }

    public async Task<IReadOnlyList<LedgerEntry>> ExpiringAsync(DestinationId destination, DateTimeOffset? before, int most) =>
        await destinations.FindKeyAsync(destination).ConfigureAwait(false) is int number
            ? await session.RowsAsync(
                row => Read(destination, row),
                $"""
                SELECT {Columns} FROM ledger WHERE destination = $1 AND ($2::bigint IS NULL OR expires_at < $2::bigint) ORDER BY expires_at NULLS LAST, key LIMIT $3
                """,
                number, before?.ToUnixTimeMilliseconds(), most).ConfigureAwait(false)
            : [];

    public async Task<long> CountAsync(DestinationId destination) =>
        await destinations.FindKeyAsync(destination).ConfigureAwait(false) is int number
            ? (long)(await session.ScalarAsync("SELECT count(*) FROM ledger WHERE destination = $1", number).ConfigureAwait(false))!
            : 0;

    public async Task UpdateAsync(DestinationId destination, IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removed)
    {
        var number = await destinations.KeyOfAsync(destination).ConfigureAwait(false);
        if (changed.Count > 0)
        {
            LedgerEntry[] last = [.. changed.Reverse().DistinctBy(entry => StorableText.Of(entry.Key), StringComparer.Ordinal)];
            await session.ExecuteAsync(
                """
                INSERT INTO ledger (destination, key, fingerprint, target_reference, expires_at, sent_at)
                SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
                ON CONFLICT (destination, md5(key)) DO UPDATE SET fingerprint = excluded.fingerprint, target_reference = excluded.target_reference,
                    expires_at = excluded.expires_at, sent_at = excluded.sent_at
                """,
                number, Array.ConvertAll(last, entry => StorableText.Of(entry.Key)!), Array.ConvertAll(last, entry => StorableText.Of(entry.Fingerprint)!),
                Array.ConvertAll(last, entry => StorableText.Of(entry.TargetReference)), Array.ConvertAll(last, entry => entry.ExpiresAt?.ToUnixTimeMilliseconds()),
                Array.ConvertAll(last, entry => entry.SentAt.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        }

        if (removed.Count > 0)
        {
            await session.ExecuteAsync(
                """
                DELETE FROM ledger USING unnest($2::text[]) AS gone (removed) WHERE destination = $1 AND md5(key) = md5(removed) AND key = removed
                """,
                number, removed.Select(key => StorableText.Of(key)!).ToArray()).ConfigureAwait(false);
        }
    }

    private static LedgerEntry Read(DestinationId destination, Npgsql.NpgsqlDataReader row) => new()
    {
        Destination = destination,
        Key = row.GetString(0),
        Fingerprint = row.GetString(1),
        TargetReference = row.Text(2),
        ExpiresAt = row.OptionalTime(3),
        SentAt = row.Time(4),
    };
}
