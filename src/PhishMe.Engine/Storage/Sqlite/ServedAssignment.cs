using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Gives threats their places in one transaction: first the families that are new with a threat, then each of its objects.</summary>
internal sealed class ServedAssignment : IDisposable
{
    private readonly long _limit;
    private readonly List<SqliteStatement> _statements = [];
    private readonly Dictionary<string, (long Added, int Collections)> _families = new(StringComparer.Ordinal);
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _put;
    private readonly SqliteStatement _deletePlaces;
    private readonly SqliteStatement _deleteThreat;
    private readonly SqliteStatement _deletePending;
    private readonly SqliteStatement _putPlace;
    private readonly SqliteStatement _putFamily;
    private readonly SqliteStatement _isChanged;
    private readonly SqliteStatement _findObject;
    private readonly SqliteStatement _putObject;
    private readonly SqliteStatement _deleteKept;
    private readonly SqliteStatement _putKept;
    private readonly SqliteStatement _advance;

    public ServedAssignment(SqliteConnection connection, long first, long limit)
    {
        (Next, _limit) = (first, limit);
        _find = Prepare("SELECT added, valid_until FROM served_threat WHERE threat = ?1");
        _put = Prepare("INSERT OR REPLACE INTO served_threat (threat, added, length, collections, valid_until) VALUES (?1, ?2, ?3, ?4, ?5)");
        _deletePlaces = Prepare(ServedTables.DeletePlacesSql);
        _deleteThreat = Prepare("DELETE FROM served_threat WHERE threat = ?1");
        _deletePending = Prepare("DELETE FROM served_pending WHERE threat = ?1");
        _putPlace = Prepare("INSERT INTO served_place (collection, added, threat) VALUES (?1, ?2, ?3)");
        _putFamily = Prepare("INSERT OR REPLACE INTO served_family (family, added, collections) VALUES (?1, ?2, ?3)");
        _isChanged = Prepare("SELECT changed FROM served_pending WHERE threat = ?1");
        _findObject = Prepare("SELECT collections FROM served_object WHERE hash = ?1 AND threat = ?2");
        _putObject = Prepare("INSERT OR REPLACE INTO served_object (hash, threat, collections) VALUES (?1, ?2, ?3)");
        _deleteKept = Prepare("DELETE FROM served_kept WHERE threat = ?1");
        _putKept = Prepare("INSERT INTO served_kept (threat, hash, collections) VALUES (?1, ?2, ?3)");
        _advance = Prepare("UPDATE served_order SET last = ?2, origin = coalesce(origin, ?1)");
        using var families = new SqliteStatement(connection, "SELECT family, added, collections FROM served_family");
        while (families.Step())
        {
            _families[families.Text(0)!] = (families.Integer(1), (int)families.Integer(2));
        }

        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>The next free date added.</summary>
    public long Next { get; private set; }

    /// <summary>A pending threat that is not served.</summary>
    public void Remove(long key)
    {
        _deletePlaces.Bind(1, key).Run();
        _deleteThreat.Bind(1, key).Run();
        _deletePending.Bind(1, key).Run();
    }

    /// <returns>Whether all found their place.</returns>
    public bool Place(IReadOnlyList<ServedVersion> versions, long renewedAfter)
    {
        var first = Next;
        var objects = new List<(long Hash, long Threat, int Collections)>();
        var isComplete = true;
        foreach (var version in versions)
        {
            if (!IsNews(version, renewedAfter, out var wasServed))
            {
                _deletePending.Bind(1, version.Key).Run();
                continue;
            }

            string[] families = [.. version.Families.Where(family => Lacks(family, version.Collections))];
            if (Next + families.Length + version.Objects.Count - 1 > _limit)
            {
                isComplete = false;
                break;
            }

            foreach (var family in families)
            {
                var collections = _families.GetValueOrDefault(family).Collections | version.Collections;
                _families[family] = (Next, collections);
                _putFamily.Bind(1, family).Bind(2, Next++).Bind(3, (long)collections).Run();
            }

            Place(version, wasServed, objects);
        }

        // In the order of the table: ids are in none, and each page of it would be written many times.
        objects.Sort();
        foreach (var (hash, threat, collections) in objects)
        {
            _putObject.Bind(1, hash).Bind(2, threat).Bind(3, (long)collections).Run();
        }

        if (Next > first)
        {
            _advance.Bind(1, first).Bind(2, Next - 1).Run();
        }

        return isComplete;
    }

    public void Dispose() => _statements.ForEach(statement => statement.Dispose());

    private void Place(ServedVersion version, bool wasServed, List<(long Hash, long Threat, int Collections)> objects)
    {
        _deletePlaces.Bind(1, version.Key).Run();
        _deleteKept.Bind(1, version.Key).Run();
        var all = version.Collections;
        foreach (var (hash, collections) in version.Objects)
        {
            // What was served in a collection stays in it: its readers have to hear that it is another now.
            var before = wasServed ? CollectionsOf(hash, version.Key) : 0;
            if ((before & ~collections) != 0)
            {
                _putKept.Bind(1, version.Key).Bind(2, hash).Bind(3, (long)before).Run();
            }

            if (before != (before | collections) || !wasServed)
            {
                objects.Add((hash, version.Key, before | collections));
            }

            all |= before;
        }

        _put.Bind(1, version.Key).Bind(2, Next).Bind(3, (long)version.Objects.Count).Bind(4, (long)all).Bind(5, version.ValidUntil).Run();
        for (var collection = 0; all >> collection != 0; collection++)
        {
            if ((all >> collection & 1) != 0)
            {
                _putPlace.Bind(1, (long)collection).Bind(2, Next).Bind(3, version.Key).Run();
            }
        }

        Next += version.Objects.Count;
        _deletePending.Bind(1, version.Key).Run();
    }

    /// <summary>What stands with another content, or is valid for much longer.</summary>
    private bool IsNews(ServedVersion version, long renewedAfter, out bool wasServed)
    {
        _isChanged.Bind(1, version.Key);
        var isChanged = _isChanged.Step() && _isChanged.Integer(0) != 0;
        _isChanged.Reset();
        _find.Bind(1, version.Key);
        wasServed = _find.Step();
        var isNews = isChanged || !wasServed || version.ValidUntil - _find.Integer(1) >= renewedAfter;
        _find.Reset();
        return isNews;
    }

    private bool Lacks(string family, int collections) => (collections & ~_families.GetValueOrDefault(family).Collections) != 0;

    private int CollectionsOf(long hash, long key)
    {
        _findObject.Bind(1, hash).Bind(2, key);
        var collections = _findObject.Step() ? (int)_findObject.Integer(0) : 0;
        _findObject.Reset();
        return collections;
    }
}
