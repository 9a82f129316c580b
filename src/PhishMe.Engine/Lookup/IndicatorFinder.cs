using System.Text;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Looks values up in the index of a state file. Each look-up sees what is committed at that moment; between look-ups nothing is held, so that a
/// session open for a day does not keep the running syncs from tidying their files.
/// </summary>
internal sealed class IndicatorFinder : IDisposable
{
    /// <summary>Look-ups after which it pays to read the keys into memory.</summary>
    private const int FilterPaysAfter = 10_000;

    /// <summary>Keys read into memory per look-up from then on: about as much time as the look-up itself, so that there is no pause.</summary>
    private const int ReadPerLookup = 256;

    private const int AddressesAtOnce = 1000;

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

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _byKey;
    private readonly SqliteStatement _byGatheredKey;
    private readonly SqliteStatement _anyGathered;
    private readonly SqliteStatement _byAddress;
    private readonly SqliteStatement _version;
    private readonly List<LookupKey> _keys = [];
    private readonly HashSet<(long Threat, long Ordinal)> _seen = [];
    private long _dataVersion = -1;
    private bool _keysGather;
    private int _lookups;
    private KeyFilter? _filter;
    private StoredNetworks? _networks;

    public IndicatorFinder(SqliteConnection connection)
    {
        _connection = connection;
        _byKey = ByKey("indicator_key");
        _byGatheredKey = ByKey("indicator_key_all");
        _anyGathered = new SqliteStatement(connection, "SELECT EXISTS (SELECT 1 FROM indicator_key_new)");
        _byAddress = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns}, k.address FROM indicator_address k {Joins}
            WHERE (k.address, k.threat, k.ordinal) > (?1, ?2, ?3) AND k.address <= ?4 ORDER BY k.address, k.threat, k.ordinal LIMIT {AddressesAtOnce}
            """);
        _version = new SqliteStatement(connection, "PRAGMA data_version");

        SqliteStatement ByKey(string table) =>
            new(connection, $"SELECT {Columns} FROM {table} k {Joins} WHERE k.hash = ?1 ORDER BY k.threat, k.ordinal");
    }

    /// <summary>Matches of one value, most precise first, each indicator once.</summary>
    public IEnumerable<IndicatorMatch> Find(string input, MatchFilter filter)
    {
        var value = LookupValue.Of(input);
        var matches = new List<IndicatorMatch>();
        Find(input, value, filter, matches);
        foreach (var match in matches)
        {
            yield return match;
        }

        // Not collected first: a short prefix may cover all there is.
        foreach (var match in FindInNetwork(input, value, filter))
        {
            yield return match;
        }
    }

    /// <summary>Adds the matches of a value that is no network.</summary>
    public void Find(string input, LookupValue value, MatchFilter filter, List<IndicatorMatch> matches)
    {
        Refresh();
        if (++_lookups >= FilterPaysAfter)
        {
            _filter ??= new KeyFilter(_connection);
            _filter.Read(ReadPerLookup);
        }

        _keys.Clear();
        _seen.Clear();
        LookupPlan.Add(value, _networks!, _keys);
        var from = matches.Count;
        foreach (var key in _keys)
        {
            Read(input, key, filter, matches);
        }

        // Several rules may meet one indicator, and not in the order of precision: a stable sort, and each once.
        if (matches.Count - from > 1)
        {
            IndicatorMatch[] ordered = [.. matches.Skip(from).OrderBy(match => match.MatchKind)];
            matches.RemoveRange(from, matches.Count - from);
            matches.AddRange(ordered);
        }
    }

    /// <summary>Whether a look-up of this value could find anything; asks memory only.</summary>
    public bool MayFind(LookupValue value)
    {
        _keys.Clear();
        LookupPlan.Add(value, _networks!, _keys);
        foreach (var key in _keys)
        {
            if (_filter!.MayContain(KeyOf(key)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the key of a normal form may be in the index; asks memory only.</summary>
    public bool MayContain(KeySpace space, ReadOnlySpan<byte> text) => _filter!.MayContain(IndexKey.Of(space, text));

    /// <summary>Takes in what others committed since the last time.</summary>
    /// <returns>Whether there was anything new, so that nothing remembered of earlier look-ups holds.</returns>
    public bool Refresh()
    {
        _version.Step();
        var version = _version.Integer(0);
        _version.Reset();
        var news = version != _dataVersion;
        if (news)
        {
            _filter?.Dispose();
            _filter = null;
            _networks = null;
            _dataVersion = version;
            _anyGathered.Step();
            _keysGather = _anyGathered.Integer(0) != 0;
            _anyGathered.Reset();
        }

        _networks ??= StoredNetworks.Read(_connection);
        return news;
    }

    /// <summary>Takes in what others committed, and reads all keys into memory: there is a text to come.</summary>
    /// <returns>As <see cref="Refresh"/>.</returns>
    public bool RefreshKeys()
    {
        var news = Refresh();
        _filter ??= new KeyFilter(_connection);
        _filter.Read(int.MaxValue);
        return news;
    }

    public void Dispose()
    {
        _filter?.Dispose();
        _byKey.Dispose();
        _byGatheredKey.Dispose();
        _anyGathered.Dispose();
        _byAddress.Dispose();
        _version.Dispose();
    }

    private static long KeyOf(LookupKey key)
    {
        var most = Encoding.UTF8.GetMaxByteCount(key.Text.Length);
        var text = most <= 512 ? stackalloc byte[512] : new byte[most];
        return IndexKey.Of(key.Space, text[..Encoding.UTF8.GetBytes(key.Text, text)]);
    }

    private void Read(string input, LookupKey key, MatchFilter filter, List<IndicatorMatch> matches)
    {
        var hash = KeyOf(key);
        if (_filter is not null && !_filter.MayContain(hash))
        {
            return;
        }

        var rows = _keysGather ? _byGatheredKey : _byKey;
        rows.Bind(1, hash);
        while (rows.Step())
        {
            var match = ReadMatch(rows, input);
            if (Kind(key, match) is MatchKind kind
                && _seen.Add((rows.Integer(14), rows.Integer(15)))
                && (match with { MatchKind = kind }) is var found
                && filter.Accepts(found))
            {
                matches.Add(found);
            }
        }
    }

    /// <summary>What the match is called; null when the indicator only shares the key, or is none the rule means.</summary>
    private static MatchKind? Kind(LookupKey key, IndicatorMatch stored)
    {
        var meant = key.Space switch
        {
            KeySpace.Value => stored.MatchedValue == key.Text,
            KeySpace.UrlHost => stored.Kind == IndicatorKind.Url && Part(stored.MatchedValue, host: true) == key.Text,
            _ => stored.Kind == IndicatorKind.Url && Part(stored.MatchedValue, host: false) == key.Text,
        };
        var isHost = stored.Kind is IndicatorKind.Domain or IndicatorKind.IPv4 or IndicatorKind.IPv6;
        return !meant ? null : (key.Rule, stored) switch
        {
            (LookupRule.Same, { Kind: >= IndicatorKind.Md5 and <= IndicatorKind.Ssdeep }) => MatchKind.Hash,
            (LookupRule.Same, { Source: IndicatorSource.SenderAddress or IndicatorSource.SenderDomain or IndicatorSource.SenderIp }) => MatchKind.Sender,
            (LookupRule.Same, _) => MatchKind.Exact,
            (LookupRule.SameWithoutQuery, { Kind: IndicatorKind.Url }) => MatchKind.UrlWithoutQuery,
            (LookupRule.Host, _) when isHost || key.Space == KeySpace.UrlHost => MatchKind.UrlHost,
            (LookupRule.EmailDomain, { Source: IndicatorSource.SenderDomain, Kind: IndicatorKind.Domain }) => MatchKind.Sender,
            (LookupRule.EmailDomain or LookupRule.Parent, { Kind: IndicatorKind.Domain }) => MatchKind.ParentDomain,
            (LookupRule.Wildcard, { Kind: IndicatorKind.Domain }) => MatchKind.WildcardDomain,
            (LookupRule.Network, _) when isHost => MatchKind.Cidr,
            _ => null,
        };
    }

    private static string Part(string url, bool host)
    {
        var bytes = Encoding.UTF8.GetBytes(url);
        return Encoding.UTF8.GetString(host ? IndexKey.HostOf(bytes) : IndexKey.WithoutQuery(bytes));
    }

    private IEnumerable<IndicatorMatch> FindInNetwork(string input, LookupValue value, MatchFilter filter)
    {
        var at = new byte[IndexKey.LongestAddress];
        var last = new byte[IndexKey.LongestAddress];
        if (!LookupPlan.TryGetRange(value, at, last, out var length))
        {
            yield break;
        }

        // Keys of the index are never negative: this is just before the first address.
        (long Threat, long Ordinal) after = (-1, -1);
        var page = new List<IndicatorMatch>();
        int read;
        do
        {
            page.Clear();
            read = 0;
            _byAddress.BindBlob(1, at.AsSpan(0, length)).Bind(2, after.Threat).Bind(3, after.Ordinal).BindBlob(4, last.AsSpan(0, length));
            while (_byAddress.Step())
            {
                read++;
                after = (_byAddress.Integer(14), _byAddress.Integer(15));
                _byAddress.Bytes(16).CopyTo(at);
                var match = ReadMatch(_byAddress, input) with { MatchKind = MatchKind.Cidr };
                if (filter.Accepts(match))
                {
                    page.Add(match);
                }
            }

            foreach (var match in page)
            {
                yield return match;
            }
        }
        while (read == AddressesAtOnce);
    }

    private static IndicatorMatch ReadMatch(SqliteStatement row, string input) => new()
    {
        Input = input,
        MatchKind = MatchKind.Exact,
        Kind = (IndicatorKind)row.Integer(0),
        Source = (IndicatorSource)row.Integer(1),
        Impact = (Impact?)row.NullableInteger(2),
        Corollary = row.Integer(3) != 0,
        Role = row.Text(4),
        Family = row.Text(5),
        MatchedValue = row.IsBlob(6) ? Convert.ToHexStringLower(row.Bytes(6)) : row.Text(6)!,
        ThreatId = new ThreatId((ThreatType)row.Integer(7), row.Integer(8)),
        Label = row.Text(9),
        ThreatDetailUrl = row.Text(10),
        FirstPublished = row.NullableInteger(11) is long first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
        LastPublished = row.NullableInteger(12) is long last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
        Withdrawn = !row.IsNull(13),
    };
}
