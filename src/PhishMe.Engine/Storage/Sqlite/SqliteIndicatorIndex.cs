using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The index of a state file. Its statements are prepared once: a log asks millions of times.</summary>
internal sealed class SqliteIndicatorIndex : INearIndex, IDisposable
{
    private const string Columns =
        """
        i.kind, i.source, i.impact, i.corollary, r.text, f.text, i.value, t.type, t.number, t.label, t.detail_url,
        t.first_published, t.last_published, t.withdrawn_at, i.threat, i.ordinal
        """;

    private const string Joins =
        """
        CROSS JOIN indicator i ON i.threat = k.threat AND i.ordinal = k.ordinal CROSS JOIN stored_threat t ON t.threat = i.threat
        LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family
        """;

    /// <summary>Keys are hashes: how close together the first ones are tells how many there are.</summary>
    private const int Sample = 4096;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _byKey;
    private readonly SqliteStatement _byGatheredKey;
    private readonly SqliteStatement _anyGathered;
    private readonly SqliteStatement _byAddress;
    private readonly SqliteStatement _version;
    private readonly SqliteStatement _keys;
    private long _dataVersion = -1;
    private bool _keysGather;

    public SqliteIndicatorIndex(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
        _byKey = ByKey("indicator_key");
        _byGatheredKey = ByKey("indicator_key_all");
        _anyGathered = new SqliteStatement(connection, "SELECT EXISTS (SELECT 1 FROM indicator_key_new)");
        _byAddress = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns}, k.address FROM indicator_address k {Joins}
            WHERE (k.address, k.threat, k.ordinal) > (?1, ?2, ?3) AND k.address <= ?4 ORDER BY k.address, k.threat, k.ordinal LIMIT ?5
            """);
        _version = new SqliteStatement(connection, "PRAGMA data_version");
        _keys = new SqliteStatement(connection, "SELECT hash FROM indicator_key WHERE hash > ?1 ORDER BY hash LIMIT ?2");

        SqliteStatement ByKey(string table) =>
            new(connection, $"SELECT {Columns} FROM {table} k {Joins} WHERE k.hash = ?1 ORDER BY k.threat, k.ordinal");
    }

    public bool HasChanged()
    {
        try
        {
            var version = Single(_version);
            if (version == _dataVersion)
            {
                return false;
            }

            _dataVersion = version;
            _keysGather = Single(_anyGathered) != 0;
            return true;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public void Read(ReadOnlySpan<long> keys, List<StoredIndicator> found, Span<int> ends)
    {
        try
        {
            var rows = _keysGather ? _byGatheredKey : _byKey;
            for (var i = 0; i < keys.Length; i++)
            {
                rows.Bind(1, keys[i]);
                while (rows.Step())
                {
                    found.Add(ReadIndicator(rows));
                }

                ends[i] = found.Count;
            }
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public int ReadRange(AddressRange range, int most, List<StoredIndicator> found)
    {
        try
        {
            var read = 0;
            _byAddress.BindBlob(1, range.At).Bind(2, range.Threat).Bind(3, range.Ordinal).BindBlob(4, range.Last).Bind(5, (long)most);
            while (_byAddress.Step())
            {
                read++;
                found.Add(ReadIndicator(_byAddress));
                range.MoveTo(_byAddress.Bytes(16), _byAddress.Integer(14), _byAddress.Integer(15));
            }

            return read;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public IReadOnlyList<string> ReadNetworks()
    {
        try
        {
            var networks = new List<string>();
            using var rows = new SqliteStatement(
                _connection, "SELECT DISTINCT value FROM indicator WHERE kind IN (1, 2) AND instr(value, '/') > 0");
            while (rows.Step())
            {
                networks.Add(rows.Text(0)!);
            }

            return networks;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public long EstimateKeys()
    {
        try
        {
            using var sample = new SqliteStatement(
                _connection, FormattableString.Invariant($"SELECT DISTINCT hash FROM indicator_key ORDER BY hash LIMIT 1 OFFSET {Sample - 1}"));
            return sample.Step() ? (long)(Sample * (double)(1L << IndexKey.Bits) / (sample.Integer(0) + 1)) : Sample;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public IEnumerable<long> ReadGatheredKeys()
    {
        try
        {
            var keys = new List<long>();
            using var rows = new SqliteStatement(_connection, "SELECT hash FROM indicator_key_new");
            while (rows.Step())
            {
                keys.Add(rows.Integer(0));
            }

            return keys;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public int ReadKeys(long after, Span<long> keys)
    {
        try
        {
            var read = 0;
            _keys.Bind(1, after).Bind(2, (long)keys.Length);
            while (_keys.Step())
            {
                keys[read++] = _keys.Integer(0);
            }

            return read;
        }
        catch (SqliteException exception)
        {
            throw StoreConnection.Failed(exception, _path);
        }
    }

    public void Dispose()
    {
        _byKey.Dispose();
        _byGatheredKey.Dispose();
        _anyGathered.Dispose();
        _byAddress.Dispose();
        _version.Dispose();
        _keys.Dispose();
    }

    private static long Single(SqliteStatement statement)
    {
        statement.Step();
        var value = statement.Integer(0);
        statement.Reset();
        return value;
    }

    private static StoredIndicator ReadIndicator(SqliteStatement row) => new()
    {
        Threat = row.Integer(14),
        Ordinal = row.Integer(15),
        Kind = (IndicatorKind)row.Integer(0),
        Source = (IndicatorSource)row.Integer(1),
        Impact = (Impact?)row.NullableInteger(2),
        Corollary = row.Integer(3) != 0,
        Role = row.Text(4),
        Family = row.Text(5),
        Value = row.IsBlob(6) ? Convert.ToHexStringLower(row.Bytes(6)) : row.Text(6)!,
        ThreatId = new ThreatId((ThreatType)row.Integer(7), row.Integer(8)),
        Label = row.Text(9),
        DetailUrl = row.Text(10),
        FirstPublished = row.NullableInteger(11),
        LastPublished = row.NullableInteger(12),
        Withdrawn = !row.IsNull(13),
    };
}
