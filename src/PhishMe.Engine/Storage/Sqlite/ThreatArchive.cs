using System.Text;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The store of threats and the index of their indicators, as the state file has them. Every change belongs to the transaction that is open on the
/// connection, so that the store agrees with the position at any instant.
/// </summary>
internal sealed class ThreatArchive : IDisposable
{
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insertThreat;
    private readonly SqliteStatement _updateThreat;
    private readonly SqliteStatement _withdraw;
    private readonly SqliteStatement _putJson;
    private readonly SqliteStatement _getJson;
    private readonly SqliteStatement _expired;
    private readonly SqliteStatement _deleteThreat;
    private readonly SqliteStatement _deleteJson;
    private readonly SqliteStatement _carriers;
    private readonly SqliteStatement _page;
    private readonly IndicatorRows _indicators;
    private readonly ServedTables _served;

    /// <summary>Threats whose indicators wait to be inserted before it is seen who shares them.</summary>
    private readonly HashSet<long> _sharing = [];
    private readonly RemovedIndicatorTable _removed;

    public ThreatArchive(SqliteConnection connection)
    {
        _indicators = new IndicatorRows(connection);
        _removed = new RemovedIndicatorTable(connection);
        _served = new ServedTables(connection);
        _find = Prepare("SELECT threat, content, withdrawn_at FROM stored_threat WHERE type = ?1 AND number = ?2");
        _insertThreat = Prepare(
            """
            INSERT INTO stored_threat (type, number, content, first_published, last_published, withdrawn_at, stored_at, impact, label, detail_url, received_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, CASE WHEN coalesce(?4, ?5) IS NULL THEN ?7 END) RETURNING threat
            """);
        _updateThreat = Prepare(
            """
            UPDATE stored_threat SET content = ?2, first_published = ?3, last_published = ?4, withdrawn_at = ?5, stored_at = ?6, impact = ?7,
                label = ?8, detail_url = ?9,
                received_at = CASE WHEN content = ?2 THEN received_at WHEN ?4 > last_published THEN NULL ELSE ?6 END
            WHERE threat = ?1
            """);
        _withdraw = Prepare("UPDATE stored_threat SET withdrawn_at = coalesce(withdrawn_at, ?3) WHERE type = ?1 AND number = ?2");
        _putJson = Prepare("INSERT INTO stored_json (threat, json) VALUES (?1, ?2) ON CONFLICT (threat) DO UPDATE SET json = ?2");
        _getJson = Prepare("SELECT json FROM stored_json JOIN stored_threat USING (threat) WHERE type = ?1 AND number = ?2");
        _expired = Prepare("SELECT threat FROM stored_threat WHERE coalesce(last_published, first_published, stored_at) < ?1 LIMIT ?2");
        _deleteThreat = Prepare("DELETE FROM stored_threat WHERE threat = ?1");
        _deleteJson = Prepare("DELETE FROM stored_json WHERE threat = ?1");
        _carriers = Prepare(
            """
            SELECT stored_threat.type, stored_threat.number, indicator.kind, indicator.value, indicator.impact, indicator.corollary,
                coalesce(last_published, first_published, stored_at) FROM indicator_key_all
            JOIN stored_threat USING (threat) JOIN indicator USING (threat, ordinal)
            WHERE hash = ?1 AND withdrawn_at IS NULL
            """);
        _page = Prepare(
            """
            SELECT threat, type, number, withdrawn_at, stored_at, json FROM stored_threat JOIN stored_json USING (threat)
            WHERE threat > ?1 ORDER BY threat LIMIT ?2
            """);

        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>Stores a threat, or replaces it with all its indicators; a withdrawn one is back. Its indicators may wait for <see cref="Flush"/>.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="now">Epoch milliseconds of our clock.</param>
    /// <param name="withdrawnAt">When it was withdrawn; null when it was not.</param>
    public void Put(PreparedThreat threat, long now, long? withdrawnAt = null)
    {
        Span<byte> content = stackalloc byte[ContentHash.Size];
        threat.Content.Write(content);
        _find.Bind(1, (long)threat.Id.Type).Bind(2, threat.Id.Number);
        long? known = null;
        bool unchanged = false, isSame = false;
        if (_find.Step())
        {
            known = _find.Integer(0);
            unchanged = _find.Bytes(1).SequenceEqual(content);
            isSame = unchanged && _find.IsNull(2) == withdrawnAt is null;
            _find.Reset();
        }

        if (known is not long key)
        {
            _insertThreat.Bind(1, (long)threat.Id.Type).Bind(2, threat.Id.Number).BindBlob(3, content)
                .Bind(4, threat.FirstPublished).Bind(5, threat.LastPublished).Bind(6, withdrawnAt).Bind(7, now)
                .Bind(8, (long?)threat.Impact).Bind(9, threat.Label).Bind(10, threat.DetailUrl);
            _insertThreat.Step();
            key = _insertThreat.Integer(0);
            _insertThreat.Run();
        }
        else
        {
            _updateThreat.Bind(1, key).BindBlob(2, content).Bind(3, threat.FirstPublished).Bind(4, threat.LastPublished).Bind(5, withdrawnAt)
                .Bind(6, now).Bind(7, (long?)threat.Impact).Bind(8, threat.Label).Bind(9, threat.DetailUrl).Run();
            if (!unchanged)
            {
                if (threat.IsRead)
                {
                    _removed.Note(key, Json(threat.Id), threat.Indicators);
                }

                MarkSharing(key);
                _indicators.Remove(key);
            }
        }

        // The date of publication is no part of the content, but of the JSON: that is always the newest.
        _putJson.Bind(1, key).BindBlob(2, threat.Json).Run();
        if (!unchanged)
        {
            _indicators.Add(key, threat);
        }

        if (!isSame)
        {
            _sharing.Add(key);
        }

        _served.Mark(key, isChanged: !isSame);
    }

    /// <summary>Marks a threat; one that is not stored stays unknown.</summary>
    public void Withdraw(ThreatId id, long now)
    {
        _find.Bind(1, (long)id.Type).Bind(2, id.Number);
        if (!_find.Step())
        {
            return;
        }

        var key = _find.Integer(0);
        var isLive = _find.IsNull(2);
        _find.Reset();
        if (isLive)
        {
            _withdraw.Bind(1, (long)id.Type).Bind(2, id.Number).Bind(3, now).Run();
            _served.Mark(key, isChanged: true);
            MarkSharing(key);
        }
    }

    /// <summary>The last known object; null when it is not stored.</summary>
    public byte[]? Json(ThreatId id)
    {
        _getJson.Bind(1, (long)id.Type).Bind(2, id.Number);
        if (!_getJson.Step())
        {
            return null;
        }

        var json = StoredJson.Unpack(_getJson.Bytes(0));
        _getJson.Reset();
        return json;
    }

    /// <summary>Whether a threat is stored, live, and with another content.</summary>
    public bool HasOther(ThreatId id, ContentHash content)
    {
        _find.Bind(1, (long)id.Type).Bind(2, id.Number);
        if (!_find.Step())
        {
            return false;
        }

        var differs = _find.IsNull(2) && (_find.Bytes(1).Length != ContentHash.Size || ContentHash.Read(_find.Bytes(1)) != content);
        _find.Reset();
        return differs;
    }

    /// <summary>How live threats that are not among some others carry an indicator: of those that do it alike, the one published last.</summary>
    public IReadOnlyList<IndicatorCarrier> Carriers(IndicatorKey indicator, IReadOnlySet<ThreatId> except)
    {
        var value = Encoding.UTF8.GetBytes(indicator.Value);
        Span<byte> hash = stackalloc byte[128];
        var found = new Dictionary<(ThreatType, Impact?, bool), long>();
        _carriers.Bind(1, IndexKey.Of(KeySpace.Value, value));
        while (_carriers.Step())
        {
            scoped ReadOnlySpan<byte> stored = _carriers.Bytes(3);
            if (_carriers.IsBlob(3) && Convert.TryToHexStringLower(stored, hash, out var length))
            {
                stored = hash[..length];
            }

            // Two values may share a key.
            var type = (ThreatType)_carriers.Integer(0);
            if ((IndicatorKind)_carriers.Integer(2) == indicator.Kind && stored.SequenceEqual(value) && !except.Contains(new ThreatId(type, _carriers.Integer(1))))
            {
                var alike = (type, (Impact?)_carriers.NullableInteger(4), _carriers.Integer(5) != 0);
                found[alike] = Math.Max(found.GetValueOrDefault(alike, long.MinValue), _carriers.Integer(6));
            }
        }

        _carriers.Reset();
        return [.. found.Select(one => new IndicatorCarrier(one.Key.Item1, one.Key.Item2, one.Key.Item3, one.Value))];
    }

    /// <summary>The threats behind a place in the order of the store.</summary>
    public StoredThreatPage Read(long after, int most)
    {
        var threats = new List<StoredThreat>(most);
        var last = after;
        _page.Bind(1, after).Bind(2, (long)most);
        while (_page.Step())
        {
            last = _page.Integer(0);
            threats.Add(new StoredThreat
            {
                Id = new ThreatId((ThreatType)_page.Integer(1), _page.Integer(2)),
                WithdrawnAt = _page.NullableInteger(3) is long withdrawn ? DateTimeOffset.FromUnixTimeMilliseconds(withdrawn) : null,
                StoredAt = DateTimeOffset.FromUnixTimeMilliseconds(_page.Integer(4)),
                Json = StoredJson.Unpack(_page.Bytes(5)) ?? throw new FormatException("A stored object is damaged."),
            });
        }

        return new StoredThreatPage(threats, last);
    }

    /// <summary>Removes threats that were published last before a time.</summary>
    /// <returns>How many were removed: fewer than <paramref name="most"/> when no more are left.</returns>
    public int Purge(long before, int most)
    {
        var keys = new List<long>(most);
        _expired.Bind(1, before).Bind(2, (long)most);
        while (_expired.Step())
        {
            keys.Add(_expired.Integer(0));
        }

        foreach (var key in keys)
        {
            _indicators.Remove(key);
            _removed.Delete(key);
            _served.Delete(key);
            _deleteJson.Bind(1, key).Run();
            _deleteThreat.Bind(1, key).Run();
        }

        return keys.Count;
    }

    /// <summary>Removes and adds the indicators of a stored threat: the index is rebuilt from its JSON. They may wait for <see cref="Flush"/>.</summary>
    public void Reindex(long key, PreparedThreat threat)
    {
        _indicators.Remove(key);
        _indicators.Add(key, threat);
    }

    /// <summary>Inserts the indicators that wait; the end of a transaction does it.</summary>
    public void Flush()
    {
        _indicators.Flush();
        if (_sharing.Count > 0 && _served.HasRemovals)
        {
            foreach (var key in _sharing)
            {
                _served.MarkSharing(key);
            }
        }

        _sharing.Clear();
    }

    /// <summary>Inserts the indicators that wait, and moves the keys that have gathered to the others; every look-up meets them before and after.</summary>
    public void MoveKeys() => _indicators.MoveKeys();

    /// <summary>Whether keys have gathered that were not moved.</summary>
    public bool HasNewKeys => _indicators.HasNewKeys;

    /// <summary>Forgets what a transaction noted that was rolled back.</summary>
    public void Forget()
    {
        _indicators.Forget();
        _sharing.Clear();
    }

    private void MarkSharing(long key)
    {
        if (_sharing.Contains(key))
        {
            _indicators.Flush();
        }

        _served.MarkSharing(key);
    }

    public void Dispose()
    {
        _indicators.Dispose();
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _removed.Dispose();
        _served.Dispose();
    }
}
