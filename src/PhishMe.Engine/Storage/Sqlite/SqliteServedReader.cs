using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Reads what is served from a state file, opened for reading only. Every error of the database leaves it as a fault.</summary>
internal sealed class SqliteServedReader : IServedReader
{
    /// <summary>The server has several readers, and the system keeps what it read in its own cache.</summary>
    private const int CacheKibibytes = 4_000;

    private const string Places =
        """
        SELECT served_threat.threat, served_threat.added, length, served_threat.collections, valid_until, stored_at, last_published
        FROM served_place JOIN served_threat USING (threat) JOIN stored_threat USING (threat)
        WHERE collection = ?1 AND served_place.added
        """;

    private const string IsHere =
        " AND valid_until > ?3 AND NOT EXISTS (SELECT 1 FROM served_pending WHERE threat = served_threat.threat AND changed = 1)";

    private const string Covering = $"{Places} <= ?2 ORDER BY served_place.added DESC LIMIT 1";

    private const string Threats = $"{Places} >= ?2{IsHere} ORDER BY served_place.added LIMIT ?4";

    private const string Families =
        "SELECT family, added, collections FROM served_family WHERE added > ?1 AND added <= ?2 AND collections & ?3 ORDER BY added LIMIT ?4";

    private const string Document =
        $"""
        {ServedDocumentRow.Select} FROM stored_threat JOIN stored_json USING (threat) JOIN served_threat USING (threat)
        WHERE threat = ?1 AND added = ?2 AND NOT EXISTS (SELECT 1 FROM served_pending WHERE threat = ?1 AND changed = 1)
        """;

    private const string Kept = "SELECT hash, collections FROM served_kept WHERE threat = ?1";

    private const string Find =
        $"""
        SELECT served_threat.threat, added, length, served_threat.collections, valid_until, stored_at, last_published
        FROM served_object JOIN served_threat USING (threat) JOIN stored_threat USING (threat)
        WHERE hash = ?1{IsHere} ORDER BY added
        """;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly SqliteStatement _change;
    private readonly SqliteStatement _origin;
    private readonly SqliteStatement _covering;
    private readonly SqliteStatement _threats;
    private readonly SqliteStatement _families;
    private readonly SqliteStatement _allFamilies;
    private readonly SqliteStatement _document;
    private readonly SqliteStatement _kept;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _end;
    private readonly RemovedIndicatorTable _removed;

    private SqliteServedReader(SqliteConnection connection, string path)
    {
        (_connection, _path) = (connection, path);
        _change = new SqliteStatement(connection, "PRAGMA data_version");
        _origin = new SqliteStatement(connection, "SELECT origin FROM served_order");
        _covering = new SqliteStatement(connection, Covering);
        _threats = new SqliteStatement(connection, Threats);
        _families = new SqliteStatement(connection, Families);
        _allFamilies = new SqliteStatement(connection, "SELECT family, added, collections FROM served_family ORDER BY added");
        _document = new SqliteStatement(connection, Document);
        _kept = new SqliteStatement(connection, Kept);
        _find = new SqliteStatement(connection, Find);
        _begin = new SqliteStatement(connection, "BEGIN");
        _end = new SqliteStatement(connection, "COMMIT");
        _removed = new RemovedIndicatorTable(connection);
    }

    /// <summary>The statements that a page is made of.</summary>
    internal static IReadOnlyList<string> PageStatements => [Covering, Threats, Families, Document, Kept];

    public long? ChangeNumber => Guard(() =>
    {
        _change.Step();
        var number = _change.Integer(0);
        _change.Reset();
        return number;
    });

    public long? Origin => Guard(() =>
    {
        var origin = _origin.Step() ? _origin.NullableInteger(0) : null;
        _origin.Reset();
        return origin;
    });

    /// <exception cref="PhishMeException">There is no such file, it cannot be read, or it is of another version.</exception>
    public static SqliteServedReader Open(string path)
    {
        var connection = StoreConnection.Open(path, CacheKibibytes);
        try
        {
            // A server keeps several of these open. A page reads few places of the file, and the system keeps those in memory.
            using (var pragma = connection.CreateCommand())
            {
                pragma.CommandText = "PRAGMA cache_size = -4000";
                pragma.ExecuteNonQuery();
            }

            return new SqliteServedReader(connection, path);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw StoreConnection.Failed(exception, path);
        }
    }

    public IReadOnlyList<ServedThreat> ReadThreats(int collection, long after, long now, int most) => Together(() =>
    {
        // The threat before the place may have objects behind it.
        var from = after + 1;
        _covering.Bind(1, (long)collection).Bind(2, after);
        if (_covering.Step() && ReadThreat(_covering) is var covering && covering.Added + covering.Length > from)
        {
            from = covering.Added;
        }

        _covering.Reset();
        var threats = new List<ServedThreat>();
        _threats.Bind(1, (long)collection).Bind(2, from).Bind(3, now).Bind(4, (long)most);
        while (_threats.Step())
        {
            threats.Add(ReadThreat(_threats));
        }

        return threats;
    });

    public IReadOnlyList<ServedFamily> ReadFamilies(int collection, long after, long until, int most) => Guard(() =>
    {
        _families.Bind(1, after).Bind(2, until).Bind(3, 1L << collection).Bind(4, (long)most);
        return ReadFamilies(_families);
    });

    public IReadOnlyList<ServedFamily> AllFamilies() => Guard(() => ReadFamilies(_allFamilies));

    public (ServedDocument Document, IReadOnlyDictionary<long, int> Kept)? ReadDocument(ServedThreat threat)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return Together<(ServedDocument, IReadOnlyDictionary<long, int>)?>(() =>
        {
            _document.Bind(1, threat.Key).Bind(2, threat.Added);
            if (!_document.Step())
            {
                return null;
            }

            var document = ServedDocumentRow.Read(_document, _removed);
            _document.Reset();
            var kept = new Dictionary<long, int>();
            _kept.Bind(1, threat.Key);
            while (_kept.Step())
            {
                kept[_kept.Integer(0)] = (int)_kept.Integer(1);
            }

            return (document, kept);
        });
    }

    public IReadOnlyList<ServedThreat> FindThreats(long hash, long now) => Guard(() =>
    {
        var threats = new List<ServedThreat>();
        _find.Bind(1, hash).Bind(3, now);
        while (_find.Step())
        {
            threats.Add(ReadThreat(_find));
        }

        return threats;
    });

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_change, _origin, _covering, _threats, _families, _allFamilies, _document, _kept, _find, _begin, _end])
        {
            statement.Dispose();
        }

        _removed.Dispose();
        _connection.Dispose();
    }

    private static ServedThreat ReadThreat(SqliteStatement row) => new()
    {
        Key = row.Integer(0),
        Added = row.Integer(1),
        Length = (int)row.Integer(2),
        Collections = (int)row.Integer(3),
        ValidUntil = row.Integer(4),
        StoredAt = row.Integer(5),
        LastPublished = row.NullableInteger(6),
    };

    private static List<ServedFamily> ReadFamilies(SqliteStatement rows)
    {
        var families = new List<ServedFamily>();
        while (rows.Step())
        {
            families.Add(new ServedFamily(rows.Text(0)!, rows.Integer(1), (int)rows.Integer(2)));
        }

        return families;
    }

    /// <summary>Several statements on one state of the file.</summary>
    private T Together<T>(Func<T> work) => Guard(() =>
    {
        _begin.Run();
        try
        {
            return work();
        }
        finally
        {
            _end.Run();
        }
    });

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }
}
