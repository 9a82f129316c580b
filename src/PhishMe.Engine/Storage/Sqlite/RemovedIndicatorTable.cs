using System.Text;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// What updates took out of the stored threats. STIX 2.1 revokes it and MISP deletes it, also in an export long after the update: for both, an object that is
/// merely missing still holds.
/// </summary>
internal sealed class RemovedIndicatorTable : IDisposable
{
    private readonly SqliteStatement _any;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _deleteOne;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _carriers;

    public RemovedIndicatorTable(SqliteConnection connection)
    {
        _any = new SqliteStatement(connection, "SELECT 1 FROM removed_indicator WHERE threat = ?1 LIMIT 1");
        _insert = new SqliteStatement(
            connection,
            """
            INSERT OR IGNORE INTO removed_indicator (threat, kind, value, written, source, impact, corollary, role, family, file_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        _deleteOne = new SqliteStatement(connection, "DELETE FROM removed_indicator WHERE threat = ?1 AND kind = ?2 AND value = ?3");
        _delete = new SqliteStatement(connection, "DELETE FROM removed_indicator WHERE threat = ?1");
        _read = new SqliteStatement(
            connection,
            """
            SELECT kind, value, written, source, impact, corollary, role, family, file_name FROM removed_indicator
            WHERE threat = ?1 ORDER BY kind, value
            """);
        _carriers = new SqliteStatement(
            connection,
            """
            SELECT indicator.kind, indicator.value FROM indicator_key_all
            JOIN stored_threat USING (threat) JOIN indicator USING (threat, ordinal) WHERE hash = ?1 AND withdrawn_at IS NULL
            """);
    }

    /// <summary>Notes what the stored version of a threat has and the new one no longer has; what is back is no longer removed.</summary>
    /// <param name="key">The store's number of the threat.</param>
    /// <param name="before">The stored version; null when it is damaged, then nothing is known.</param>
    /// <param name="now">The indicators of the new version.</param>
    public void Note(long key, byte[]? before, IReadOnlyList<IndexedIndicator> now)
    {
        HashSet<IndicatorKey> kept = [.. now.Select(indicator => new IndicatorKey(indicator.Kind, indicator.Value))];
        _any.Bind(1, key);
        var hasSome = _any.Step();
        _any.Reset();
        if (hasSome)
        {
            foreach (var indicator in kept)
            {
                _deleteOne.Bind(1, key).Bind(2, (long)indicator.Kind).BindText(3, Encoding.UTF8.GetBytes(indicator.Value)).Run();
            }
        }

        if (before is null || ReadThreat.Of(before).Threat is not Threat threat)
        {
            return;
        }

        foreach (var indicator in threat.Indicators)
        {
            var removed = IndicatorKey.Of(indicator);
            if (!kept.Contains(removed))
            {
                _insert.Bind(1, key).Bind(2, (long)removed.Kind).BindText(3, Encoding.UTF8.GetBytes(removed.Value))
                    .BindText(4, Encoding.UTF8.GetBytes(indicator.Value)).Bind(5, (long)indicator.Source).Bind(6, (long?)indicator.Impact)
                    .Bind(7, indicator.Corollary ? 1L : 0L).Bind(8, indicator.Role).Bind(9, indicator.Family).Bind(10, indicator.FileName).Run();
            }
        }
    }

    /// <summary>Forgets what was taken out of a threat.</summary>
    public void Delete(long key) => _delete.Bind(1, key).Run();

    /// <summary>What was taken out of a threat and is carried by no live threat.</summary>
    public IReadOnlyList<Indicator> Read(long key, ThreatId id)
    {
        List<(string Value, Indicator Indicator)>? removed = null;
        _read.Bind(1, key);
        while (_read.Step())
        {
            var kind = (IndicatorKind)_read.Integer(0);
            var written = _read.Text(2)!;
            (removed ??= []).Add((_read.Text(1)!, new Indicator
            {
                ThreatId = id,
                Kind = kind,
                Value = written,
                NormalizedValue = Indicators.IndicatorNormalizer.Normalize(kind, written),
                Source = (IndicatorSource)_read.Integer(3),
                Impact = (Impact?)_read.NullableInteger(4),
                Corollary = _read.Integer(5) != 0,
                Role = _read.Text(6),
                Family = _read.Text(7),
                FileName = _read.Text(8),
            }));
        }

        return removed is null ? [] : [.. removed.Where(one => !IsCarried(one.Indicator.Kind, one.Value)).Select(one => one.Indicator)];
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_any, _insert, _deleteOne, _delete, _read, _carriers])
        {
            statement.Dispose();
        }
    }

    private bool IsCarried(IndicatorKind kind, string value)
    {
        Span<long> keys = stackalloc long[IndexKey.Most];
        _ = IndexKey.Of(kind, Encoding.UTF8.GetBytes(value), keys);
        var found = false;
        _carriers.Bind(1, keys[0]);
        while (!found && _carriers.Step())
        {
            // Two values may share a key. The index has hashes as bytes.
            found = (IndicatorKind)_carriers.Integer(0) == kind
                && (_carriers.IsBlob(1) ? Convert.ToHexStringLower(_carriers.Bytes(1)) : _carriers.Text(1)) == value;
        }

        _carriers.Reset();
        return found;
    }
}
