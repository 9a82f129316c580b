using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The stored threats of a state file, opened for reading only. Every error of the database leaves it as a fault.</summary>
internal sealed class SqliteThreatStoreReader : IThreatStoreReader
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private SqliteIndicatorIndex? _index;

    private SqliteThreatStoreReader(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    public IIndicatorIndex Index => _index ??= Guard(() => new SqliteIndicatorIndex(_connection, _path));

    /// <exception cref="PhishMeException">There is no such file, it cannot be read, or it is of another version.</exception>
    public static SqliteThreatStoreReader Open(string path) => new(StoreConnection.Open(path), path);

    public IEnumerable<IReadOnlyList<StoredDocument>> ReadThreats(StoredThreatConditions conditions, int most)
    {
        using var rows = Guard(() => StoredThreatStatement.Prepare(_connection, conditions));
        using var removed = Guard(() => new RemovedIndicatorTable(_connection));
        var last = long.MinValue;
        while (true)
        {
            var page = Guard(() => ReadPage(rows, removed, ref last, most));
            yield return page;
            if (page.Count < most)
            {
                yield break;
            }
        }
    }

    public StoreStatistics Count(DateTimeOffset? since) => Guard(() => StoreStatisticsReader.Read(_connection, _path, since));

    public IReadOnlyList<string> FindDamage() => Guard(() => new StoreAudit(_connection).FindDamage());

    public IEnumerable<IndexedThreat> ReadIndex()
    {
        using var threats = Guard(() => new StoreAudit(_connection).ReadIndex().GetEnumerator());
        while (Guard(threats.MoveNext))
        {
            yield return threats.Current;
        }
    }

    public long CountStrayEntries() => Guard(() => new StoreAudit(_connection).CountStrayEntries());

    public void Dispose()
    {
        _index?.Dispose();
        _connection.Dispose();
    }

    private static List<StoredDocument> ReadPage(SqliteStatement rows, RemovedIndicatorTable removed, ref long last, int most)
    {
        var page = new List<StoredDocument>(most);
        rows.Bind(1, last).Bind(2, (long)most);
        while (rows.Step())
        {
            last = rows.Integer(0);
            var receivedAt = rows.NullableInteger(5) is long time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : (DateTimeOffset?)null;
            var id = new ThreatId((ThreatType)rows.Integer(1), rows.Integer(2));
            page.Add(new StoredDocument(id, !rows.IsNull(3), StoredJson.Unpack(rows.Bytes(4)), receivedAt, removed.Read(last, id)));
        }

        return page;
    }

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
