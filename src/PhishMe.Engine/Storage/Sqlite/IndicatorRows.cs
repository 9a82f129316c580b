using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The rows of the indicators of stored threats: indicators, their keys and addresses, and the terms that roles, families and brands are kept as. Part of
/// <see cref="ThreatArchive"/>, in the same transaction. New rows are gathered, and inserted in the order of their tables; the end of a transaction
/// inserts those that are left.
/// </summary>
internal sealed class IndicatorRows : IDisposable
{
    private const int MostTerms = 10_000;

    /// <summary>Keys that gather before they are moved: few, so that the small table stays small, and many, so that the large one is seldom rewritten.</summary>
    private const int MostNewKeys = 128 * 1024;

    /// <summary>Keys of rows that wait in memory to be inserted, at most: those of a page of a backfill and some more.</summary>
    private const int MostWaiting = 16 * 1024;

    private readonly Dictionary<string, long> _terms = new(StringComparer.Ordinal);
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _insertTerm;
    private readonly SqliteStatement _findTerm;
    private readonly SqliteStatement _insertThreatTerm;
    private readonly SqliteStatement _deleteThreatTerms;
    private readonly SqliteStatement _readIndicators;
    private readonly SqliteStatement _deleteIndicators;
    private readonly SqliteStatement _deleteKey;
    private readonly SqliteStatement _deleteNewKey;
    private readonly SqliteStatement _countNewKeys;
    private readonly SqliteStatement _moveNewKeys;
    private readonly SqliteStatement _clearNewKeys;
    private readonly SqliteStatement _deleteAddress;
    private readonly SqliteRows _indicatorRows;
    private readonly SqliteRows _keyRows;
    private readonly SqliteRows _addressRows;
    private readonly WaitingRows _waiting = new();
    private long? _newKeys;

    public IndicatorRows(SqliteConnection connection)
    {
        _insertTerm = Prepare("INSERT INTO term (text) VALUES (?1) RETURNING term");
        _findTerm = Prepare("SELECT term FROM term WHERE text = ?1");
        _insertThreatTerm = Prepare("INSERT OR IGNORE INTO threat_term (threat, sort, term) VALUES (?1, ?2, ?3)");
        _deleteThreatTerms = Prepare("DELETE FROM threat_term WHERE threat = ?1");
        _readIndicators = Prepare("SELECT ordinal, kind, value FROM indicator WHERE threat = ?1");
        _deleteIndicators = Prepare("DELETE FROM indicator WHERE threat = ?1");
        _deleteKey = Prepare("DELETE FROM indicator_key WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        _deleteNewKey = Prepare("DELETE FROM indicator_key_new WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        _countNewKeys = Prepare("SELECT count(*) FROM indicator_key_new");
        _moveNewKeys = Prepare(
            "INSERT OR IGNORE INTO indicator_key (hash, threat, ordinal) SELECT hash, threat, ordinal FROM indicator_key_new ORDER BY hash, threat, ordinal");
        _clearNewKeys = Prepare("DELETE FROM indicator_key_new");
        _deleteAddress = Prepare("DELETE FROM indicator_address WHERE address = ?1 AND threat = ?2 AND ordinal = ?3");
        _indicatorRows = new SqliteRows(
            connection, "INSERT OR FAIL INTO indicator", "threat", "ordinal", "kind", "source", "impact", "corollary", "role", "family", "value");
        _keyRows = new SqliteRows(connection, "INSERT OR IGNORE INTO indicator_key_new", "hash", "threat", "ordinal");
        _addressRows = new SqliteRows(connection, "INSERT OR IGNORE INTO indicator_address", "address", "threat", "ordinal");

        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>Inserts the rows that wait.</summary>
    public void Flush()
    {
        if (_waiting.IsEmpty)
        {
            return;
        }

        var gathered = NewKeys();
        _waiting.Sort();
        _indicatorRows.Insert(_waiting.Indicators, Bind);
        _keyRows.Insert(_waiting.Keys, Bind);
        _addressRows.Insert(_waiting.Addresses, Bind);
        _newKeys = gathered + _waiting.Keys.Length;
        _waiting.Clear();
        if (_newKeys >= MostNewKeys)
        {
            MoveKeys();
        }
    }

    /// <summary>Moves the keys that have gathered to the others; every look-up meets them before and after.</summary>
    public void MoveKeys()
    {
        Flush();
        _moveNewKeys.Run();
        _clearNewKeys.Run();
        _newKeys = 0;
    }

    /// <summary>Whether keys have gathered that were not moved.</summary>
    public bool HasNewKeys => NewKeys() > 0;

    /// <summary>Forgets what a transaction noted that was rolled back.</summary>
    public void Forget()
    {
        _terms.Clear();
        _waiting.Clear();
        _newKeys = null;
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _indicatorRows.Dispose();
        _keyRows.Dispose();
        _addressRows.Dispose();
    }

    /// <summary>Adds the indicators of a stored threat, their keys and the terms of the threat.</summary>
    public void Add(long key, PreparedThreat threat)
    {
        AddTerms(key, TermSort.Family, threat.Families);
        AddTerms(key, TermSort.DeliveryMechanism, threat.DeliveryMechanisms);
        AddTerms(key, TermSort.Brand, threat.Brands);
        for (var ordinal = 0; ordinal < threat.Indicators.Count; ordinal++)
        {
            var indicator = threat.Indicators[ordinal];
            _waiting.Add(key, ordinal, indicator, TermOf(indicator.Role), TermOf(indicator.Family));
        }

        if (_waiting.Keys.Length >= MostWaiting)
        {
            Flush();
        }
    }

    private void Bind(SqliteStatement statement, int first, in WaitingRows.IndicatorRow row)
    {
        statement.Bind(first, row.Threat).Bind(first + 1, (long)row.Ordinal).Bind(first + 2, (long)row.Kind).Bind(first + 3, (long)row.Source)
            .Bind(first + 4, (long?)row.Impact).Bind(first + 5, row.Corollary ? 1L : 0L).Bind(first + 6, row.Role).Bind(first + 7, row.Family);
        if (row.IsHash)
        {
            statement.BindBlob(first + 8, _waiting[row.Value]);
        }
        else
        {
            statement.BindText(first + 8, _waiting[row.Value]);
        }
    }

    private static void Bind(SqliteStatement statement, int first, in WaitingRows.KeyRow row) =>
        statement.Bind(first, row.Hash).Bind(first + 1, row.Threat).Bind(first + 2, (long)row.Ordinal);

    private void Bind(SqliteStatement statement, int first, in WaitingRows.AddressRow row) =>
        statement.BindBlob(first, _waiting[row.Address]).Bind(first + 1, row.Threat).Bind(first + 2, (long)row.Ordinal);

    private long NewKeys()
    {
        if (_newKeys is not long keys)
        {
            _countNewKeys.Step();
            keys = _countNewKeys.Integer(0);
            _countNewKeys.Reset();
            _newKeys = keys;
        }

        return keys;
    }

    private void AddTerms(long key, TermSort sort, IReadOnlyList<string> terms)
    {
        foreach (var term in terms)
        {
            _insertThreatTerm.Bind(1, key).Bind(2, (long)sort).Bind(3, TermOf(term)).Run();
        }
    }

    /// <summary>Removes what <see cref="Add"/> added.</summary>
    public void Remove(long key)
    {
        if (_waiting.Has(key))
        {
            Flush();
        }

        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        Span<byte> hash = stackalloc byte[128];
        _readIndicators.Bind(1, key);
        while (_readIndicators.Step())
        {
            var ordinal = _readIndicators.Integer(0);
            var kind = (IndicatorKind)_readIndicators.Integer(1);
            scoped ReadOnlySpan<byte> value = _readIndicators.Bytes(2);
            if (_readIndicators.IsBlob(2) && Convert.TryToHexStringLower(value, hash, out var length))
            {
                value = hash[..length];
            }

            foreach (var one in keys[..IndexKey.Of(kind, value, keys)])
            {
                _deleteKey.Bind(1, one).Bind(2, key).Bind(3, ordinal).Run();
                _deleteNewKey.Bind(1, one).Bind(2, key).Bind(3, ordinal).Run();
            }

            if (IndexKey.AddressOf(kind, value, address) is var written and > 0)
            {
                _deleteAddress.BindBlob(1, address[..written]).Bind(2, key).Bind(3, ordinal).Run();
            }
        }

        _deleteIndicators.Bind(1, key).Run();
        _deleteThreatTerms.Bind(1, key).Run();
    }

    /// <summary>The number of a term; the few roles and families fill the index as numbers.</summary>
    private long? TermOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (_terms.Count >= MostTerms)
        {
            _terms.Clear();
        }

        if (!_terms.TryGetValue(text, out var term))
        {
            _findTerm.Bind(1, text);
            var found = _findTerm;
            if (!found.Step())
            {
                found = _insertTerm.Bind(1, text);
                found.Step();
            }

            term = found.Integer(0);
            found.Run();
            _terms.Add(text, term);
        }

        return term;
    }
}
