using System.Globalization;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The stored threats of a shared state, for reading only: an account that may only read will do, and so will a standby.</summary>
internal sealed class SharedThreatReader : IThreatStoreReader
{
    private readonly PostgreSqlSession _session;

    private SharedThreatReader(PostgreSqlSession session)
    {
        _session = session;
        Index = new SharedIndicatorIndex(session);
    }

    public IIndicatorIndex Index { get; }

    /// <exception cref="PhishMeException">There is no store, it cannot be read, or it is of another version.</exception>
    public static SharedThreatReader Open(SharedStateAddress address)
    {
        var session = PostgreSqlSession.Open(address, writes: false);
        try
        {
            session.Run(() =>
            {
                session.Execute("SET default_transaction_read_only = on");
                // A plan for any keys is as good as one for these, and is made once.
                session.Execute("SET plan_cache_mode = force_generic_plan");
                // For a few rows, workers and compiled plans cost more than everything else.
                session.Execute("SET max_parallel_workers_per_gather = 0");
                session.Execute("SET jit = off");
                var version = SharedSchema.VersionOf(session);
                return version == SharedSchema.NewestVersion && SharedIndexForm.IsCurrent(session)
                    ? version
                    : throw new PhishMeException(
                        version == 0 ? Faults.StoreNotFound : Faults.StoreTooOld,
                        version == 0 ? "There is no shared state in this database." : "The shared state, or its index, is of an older version.",
                        address.Name);
            });
            return new SharedThreatReader(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public IEnumerable<IReadOnlyList<StoredDocument>> ReadThreats(StoredThreatConditions conditions, int most)
    {
        var sql = _session.Run(() => Select(conditions));
        var removed = new SharedRemovedIndicators(_session);
        long last = int.MinValue;
        while (true)
        {
            var page = _session.Run(() => ReadPage(sql, removed, ref last, most));
            yield return page;
            if (page.Count < most)
            {
                yield break;
            }
        }
    }

    /// <summary>Reads all rows: there workers pay.</summary>
    public StoreStatistics Count(DateTimeOffset? since) => _session.Run(() =>
    {
        _session.Execute("RESET max_parallel_workers_per_gather");
        try
        {
            return SharedStatistics.Read(_session, since);
        }
        finally
        {
            if (_session.IsOpen)
            {
                _session.Execute("SET max_parallel_workers_per_gather = 0");
            }
        }
    });

    /// <summary>None: what is damaged, the server says when it reads it.</summary>
    public IReadOnlyList<string> FindDamage() => [];

    public IEnumerable<IndexedThreat> ReadIndex() => SharedAudit.ReadIndex(_session);

    public long CountStrayEntries() => _session.Run(() => SharedAudit.CountStrayEntries(_session));

    public void Dispose() => _session.Dispose();

    private List<StoredDocument> ReadPage(string sql, SharedRemovedIndicators removed, ref long last, int most)
    {
        var rows = _session.Rows(
            row => (Key: row.GetInt32(0), Document: new StoredDocument(
                new ThreatId((ThreatType)row.GetInt32(1), row.GetInt64(2)), !row.IsDBNull(3), StoredJson.Unpack(row.GetFieldValue<byte[]>(4)), row.OptionalTime(5), [])),
            sql, last, most);
        if (rows.Count == 0)
        {
            return [];
        }

        last = rows[^1].Key;
        var gone = removed.Read(rows.ToDictionary(row => row.Key, row => row.Document.Id));
        return [.. rows.Select(row => gone.TryGetValue(row.Key, out var indicators) ? row.Document with { Removed = indicators } : row.Document)];
    }

    /// <summary>Conditions as a statement. Numbers of our own making only: no text of a user enters it.</summary>
    private string Select(StoredThreatConditions conditions)
    {
        var sql = new StringBuilder(
            "SELECT t.threat, t.type, t.number, t.withdrawn_at, j.json, t.received_at FROM stored_threat t JOIN stored_json j ON j.threat = t.threat WHERE t.threat > $1");
        if (!conditions.IncludeWithdrawn)
        {
            sql.Append(" AND t.withdrawn_at IS NULL");
        }

        foreach (var type in conditions.Types)
        {
            Number((long)type, "t.type = ");
        }

        Number(conditions.PublishedFrom, "t.last_published >= ");
        Number(conditions.PublishedBefore, "t.last_published < ");
        Number(conditions.PublishedUntil, "t.last_published <= ");
        Number((long?)conditions.MinimumImpact, "t.impact >= ");
        if (conditions.Ids.Count > 0)
        {
            sql.Append(" AND (t.type, t.number) IN (VALUES ");
            sql.AppendJoin(", ", conditions.Ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({(int)id.Type}, {id.Number}::bigint)")));
            sql.Append(')');
        }

        foreach (var term in conditions.Terms)
        {
            sql.Append(" AND EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort = any('{");
            sql.AppendJoin(", ", term.Sorts.Select(sort => (int)sort)).Append("}'::integer[]) AND x.term = any('{");
            sql.AppendJoin(", ", NumbersOf(term.Texts)).Append("}'::integer[]))");
        }

        if (conditions.Roles.Count > 0)
        {
            sql.Append(" AND EXISTS (SELECT 1 FROM indicator i WHERE i.threat = t.threat AND i.role = any('{");
            sql.AppendJoin(", ", NumbersOf(conditions.Roles)).Append("}'::integer[]))");
        }

        foreach (var keys in conditions.Keys)
        {
            var list = string.Create(CultureInfo.InvariantCulture, $"any('{{{string.Join(", ", keys)}}}'::bigint[])");
            sql.Append(CultureInfo.InvariantCulture, $" AND t.threat IN (SELECT threat FROM indicator WHERE key1 = {list}");
            sql.Append(CultureInfo.InvariantCulture, $" UNION ALL SELECT threat FROM indicator WHERE key2 = {list} UNION ALL SELECT threat FROM indicator WHERE key3 = {list})");
        }

        return sql.Append(" ORDER BY t.threat LIMIT $2").ToString();

        void Number(long? value, string condition)
        {
            if (value is long number)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND {condition}{number}");
            }
        }
    }

    private List<int> NumbersOf(IReadOnlyList<string> wanted) =>
        [.. _session.Rows(row => (Term: row.GetInt32(0), Text: row.GetString(1)), "SELECT term, text FROM term")
            .Where(term => wanted.Contains(term.Text, StringComparer.OrdinalIgnoreCase)).Select(term => term.Term)];
}
