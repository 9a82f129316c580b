using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Notes what is new to the order of what is served, in the transaction that changes the store.</summary>
internal sealed class ServedTables : IDisposable
{
    private readonly SqliteStatement _mark;
    private readonly SqliteStatement _markSharing;
    private readonly SqliteStatement _hasRemovals;
    private readonly SqliteStatement[] _delete;

    public ServedTables(SqliteConnection connection)
    {
        _mark = new SqliteStatement(
            connection,
            "INSERT INTO served_pending (threat, changed) VALUES (?1, ?2) ON CONFLICT (threat) DO UPDATE SET changed = max(changed, ?2)");

        // The index has hashes as bytes.
        _markSharing = new SqliteStatement(
            connection,
            """
            INSERT INTO served_pending (threat, changed)
                SELECT removed_indicator.threat, 1 FROM indicator JOIN removed_indicator
                    ON removed_indicator.value = CASE typeof(indicator.value) WHEN 'blob' THEN lower(hex(indicator.value)) ELSE indicator.value END
                    AND removed_indicator.kind = indicator.kind
                WHERE indicator.threat = ?1 AND removed_indicator.threat <> ?1
            ON CONFLICT (threat) DO UPDATE SET changed = 1
            """);
        _hasRemovals = new SqliteStatement(connection, "SELECT 1 FROM removed_indicator LIMIT 1");
        _delete =
        [
            .. from table in (string[])["served_pending", "served_threat", "served_kept"]
               select new SqliteStatement(connection, $"DELETE FROM {table} WHERE threat = ?1"),
        ];
        DeletePlaces = new SqliteStatement(connection, DeletePlacesSql);
    }

    /// <summary>Empties all tables of the order.</summary>
    public static IReadOnlyList<string> Clear { get; } =
    [
        "DELETE FROM served_pending", "DELETE FROM served_place", "DELETE FROM served_threat", "DELETE FROM served_object", "DELETE FROM served_kept",
    ];

    /// <summary>Takes a threat, parameter 1, out of all collections.</summary>
    public const string DeletePlacesSql =
        """
        DELETE FROM served_place WHERE (collection, added) IN (
            SELECT number.value, served_threat.added FROM served_threat, json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]') AS number WHERE served_threat.threat = ?1)
            AND threat = ?1
        """;

    /// <summary>Whether any indicator ever left a threat.</summary>
    public bool HasRemovals
    {
        get
        {
            var has = _hasRemovals.Step();
            _hasRemovals.Reset();
            return has;
        }
    }

    private SqliteStatement DeletePlaces { get; }

    /// <summary>A threat was stored.</summary>
    /// <param name="key">The store's number of the threat.</param>
    /// <param name="isChanged">Whether it is another content.</param>
    public void Mark(long key, bool isChanged) => _mark.Bind(1, key).Bind(2, isChanged ? 1L : 0L).Run();

    /// <summary>Whether an indicator that left another threat is revoked there depends on whether this one carries it.</summary>
    public void MarkSharing(long key) => _markSharing.Bind(1, key).Run();

    /// <summary>A threat was removed from the store. Keys of its objects that stay are without a threat, and found by no one.</summary>
    public void Delete(long key)
    {
        DeletePlaces.Bind(1, key).Run();
        foreach (var statement in _delete)
        {
            statement.Bind(1, key).Run();
        }
    }

    public void Dispose()
    {
        _mark.Dispose();
        _markSharing.Dispose();
        _hasRemovals.Dispose();
        DeletePlaces.Dispose();
        foreach (var statement in _delete)
        {
            statement.Dispose();
        }
    }
}
