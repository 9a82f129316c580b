using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The rows of the indicators of stored threats: indicators, their keys and addresses, and the terms that roles, families and brands are kept as. Part of
/// <see cref="ThreatArchive"/>, in the same transaction.
/// </summary>
internal sealed class IndicatorRows : IDisposable
{
    private const int MostTerms = 10_000;

    /// <summary>Keys that gather before they are moved: few, so that the small table stays small, and many, so that the large one is seldom rewritten.</summary>
    private const int MostNewKeys = 128 * 1024;

    private readonly Dictionary<string, long> _terms = new(StringComparer.Ordinal);
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _insertTerm;
    private readonly SqliteStatement _findTerm;
    private readonly SqliteStatement _insertThreatTerm;
    private readonly SqliteStatement _deleteThreatTerms;
    private readonly SqliteStatement _insertIndicator;
    private readonly SqliteStatement _readIndicators;
    private readonly SqliteStatement _deleteIndicators;
    private readonly SqliteStatement _insertKey;
    private readonly SqliteStatement _deleteKey;
    private readonly SqliteStatement _deleteNewKey;
    private readonly SqliteStatement _countNewKeys;
    private readonly SqliteStatement _moveNewKeys;
    private readonly SqliteStatement _clearNewKeys;
    private readonly SqliteStatement _insertAddress;
    private readonly SqliteStatement _deleteAddress;
    private long? _newKeys;

    public IndicatorRows(SqliteConnection connection)
    {
        _insertTerm = Prepare("INSERT INTO term (text) VALUES (?1) RETURNING term");
        _findTerm = Prepare("SELECT term FROM term WHERE text = ?1");
        _insertThreatTerm = Prepare("INSERT OR IGNORE INTO threat_term (threat, sort, term) VALUES (?1, ?2, ?3)");
        _deleteThreatTerms = Prepare("DELETE FROM threat_term WHERE threat = ?1");
        _insertIndicator = Prepare(
            "INSERT INTO indicator (threat, ordinal, kind, source, impact, corollary, role, family, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        _readIndicators = Prepare("SELECT ordinal, kind, value FROM indicator WHERE threat = ?1");
        _deleteIndicators = Prepare("DELETE FROM indicator WHERE threat = ?1");
        _insertKey = Prepare("INSERT OR IGNORE INTO indicator_key_new (hash, threat, ordinal) VALUES (?1, ?2, ?3)");
        _deleteKey = Prepare("DELETE FROM indicator_key WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        _deleteNewKey = Prepare("DELETE FROM indicator_key_new WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        _countNewKeys = Prepare("SELECT count(*) FROM indicator_key_new");
        _moveNewKeys = Prepare(
            "INSERT OR IGNORE INTO indicator_key (hash, threat, ordinal) SELECT hash, threat, ordinal FROM indicator_key_new ORDER BY hash, threat, ordinal");
        _clearNewKeys = Prepare("DELETE FROM indicator_key_new");
        _insertAddress = Prepare("INSERT OR IGNORE INTO indicator_address (address, threat, ordinal) VALUES (?1, ?2, ?3)");
        _deleteAddress = Prepare("DELETE FROM indicator_address WHERE address = ?1 AND threat = ?2 AND ordinal = ?3");

        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>Moves the keys that have gathered to the others; every look-up meets them before and after.</summary>
    public void MoveKeys()
    {
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
        _newKeys = null;
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }
    }

    private static bool IsHash(IndicatorKind kind) => IndicatorKinds.Of(kind).HashLength is not null;

    /// <summary>Adds the indicators of a stored threat, their keys and the terms of the threat.</summary>
    public void Add(long key, PreparedThreat threat)
    {
        AddTerms(key, TermSort.Family, threat.Families);
        AddTerms(key, TermSort.DeliveryMechanism, threat.DeliveryMechanisms);
        AddTerms(key, TermSort.Brand, threat.Brands);
        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        Span<byte> hash = stackalloc byte[64];
        var gathered = NewKeys();
        long added = 0;
        for (var ordinal = 0; ordinal < threat.Indicators.Count; ordinal++)
        {
            var indicator = threat.Indicators[ordinal];
            var value = Encoding.UTF8.GetBytes(indicator.Value);
            _insertIndicator.Bind(1, key).Bind(2, (long)ordinal).Bind(3, (long)indicator.Kind).Bind(4, (long)indicator.Source)
                .Bind(5, (long?)indicator.Impact).Bind(6, indicator.Corollary ? 1L : 0L).Bind(7, TermOf(indicator.Role)).Bind(8, TermOf(indicator.Family));

            // Half the space: a hash in normal form is lower-case hexadecimal.
            if (IsHash(indicator.Kind) && !value.AsSpan().ContainsAnyInRange((byte)'A', (byte)'F') && Convert.FromHexString(value, hash, out _, out var length) == OperationStatus.Done)
            {
                _insertIndicator.BindBlob(9, hash[..length]);
            }
            else
            {
                _insertIndicator.BindText(9, value);
            }

            _insertIndicator.Run();
            foreach (var one in keys[..IndexKey.Of(indicator.Kind, value, keys)])
            {
                _insertKey.Bind(1, one).Bind(2, key).Bind(3, (long)ordinal).Run();
                added++;
            }

            if (IndexKey.AddressOf(indicator.Kind, value, address) is var written and > 0)
            {
                _insertAddress.BindBlob(1, address[..written]).Bind(2, key).Bind(3, (long)ordinal).Run();
            }
        }

        _newKeys = gathered + added;
        if (_newKeys >= MostNewKeys)
        {
            MoveKeys();
        }
    }

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
