using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Rebuilds the store of a state file, in one transaction.</summary>
internal sealed class SqliteThreatStoreRebuild : IThreatStoreRebuild
{
    private static readonly string[] _index =
    [
        "DELETE FROM indicator_key", "DELETE FROM indicator_key_new", "DELETE FROM indicator_address", "DELETE FROM indicator",
        "DELETE FROM threat_term", "DELETE FROM term",
    ];

    private readonly StateStore _state;
    private readonly ThreatArchive _archive;
    private readonly StateTransaction _transaction;
    private SqliteStatement? _read;

    /// <exception cref="PhishMeException">The file cannot be opened, or is of a newer version.</exception>
    /// <exception cref="StateDamagedException">It is no intact database.</exception>
    public SqliteThreatStoreRebuild(string path)
    {
        _state = StateStore.Open(path);
        try
        {
            _archive = _state.OpenArchive();
            _transaction = _state.Begin();
        }
        catch
        {
            _state.Dispose();
            throw;
        }
    }

    public void Clear() => Clear([.. _index, "DELETE FROM removed_indicator", "DELETE FROM stored_json", "DELETE FROM stored_threat", .. ServedTables.Clear]);

    public void ClearIndex() => Clear(_index);

    public long Count() => Count("SELECT count(*) FROM stored_json");

    public IReadOnlyList<(long Key, byte[]? Json)> Read(long after, int most) => _state.Run(() =>
    {
        _read ??= new SqliteStatement(_state.Connection, "SELECT threat, json FROM stored_json WHERE threat > ?1 ORDER BY threat LIMIT ?2");
        var page = new List<(long Key, byte[]? Json)>(most);
        _read.Bind(1, after).Bind(2, (long)most);
        while (_read.Step())
        {
            page.Add((_read.Integer(0), StoredJson.Unpack(_read.Bytes(1))));
        }

        return page;
    });

    public void Index(long key, PreparedThreat threat) => Run(() => _archive.Reindex(key, threat));

    public void Put(PreparedThreat threat, long now, long? withdrawnAt = null) => Run(() => _archive.Put(threat, now, withdrawnAt));

    public bool Has(ThreatId id) => _state.Run(() => _archive.Json(id) is not null);

    public void Withdraw(ThreatId id, long now) => Run(() => _archive.Withdraw(id, now));

    public (long Threats, long Withdrawn) Commit()
    {
        Run(_archive.MoveKeys);
        var counts = (
            Count("SELECT count(*) FROM stored_threat"),
            Count("SELECT count(*) FROM stored_threat WHERE withdrawn_at IS NOT NULL"));
        _transaction.Commit();
        _transaction.Dispose();
        _state.ShrinkFile();
        return counts;
    }

    public void Dispose()
    {
        _read?.Dispose();
        _transaction.Dispose();
        _state.Dispose();
    }

    private void Clear(string[] statements) => Run(() =>
    {
        foreach (var sql in statements)
        {
            using var statement = new SqliteStatement(_state.Connection, sql);
            statement.Run();
        }

        _archive.Forget();
    });

    private long Count(string sql) => _state.Run(() =>
    {
        using var count = new SqliteStatement(_state.Connection, sql);
        count.Step();
        return count.Integer(0);
    });

    private void Run(Action work) => _state.Run(() =>
    {
        work();
        return 0;
    });
}
