using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Looks values up in the index of a store. Each look-up sees what is committed at that moment; between look-ups nothing is held, so that a
/// session open for a day does not keep the running syncs from tidying their files.
/// </summary>
internal sealed class IndicatorFinder
{
    /// <summary>Look-ups after which it pays to read the keys into memory.</summary>
    private const int FilterPaysAfter = 10_000;

    /// <summary>Keys read into memory per look-up from then on: about as much time as the look-up itself, so that there is no pause.</summary>
    private const int ReadPerLookup = 256;

    private const int AddressesAtOnce = 1000;

    private readonly IIndicatorIndex _index;
    private readonly INearIndex? _near;
    private readonly GatheredKeys? _gatheredKeys;
    private readonly GatheredRows? _gatheredRows;
    private readonly List<LookupKey> _keys = [];
    private readonly List<LookupKey> _asked = [];
    private readonly List<int> _askedUpTo = [];
    private readonly List<StoredIndicator> _rows = [];
    private readonly HashSet<(long Threat, long Ordinal)> _seen = [];
    private long[] _hashes = new long[64];
    private int[] _ends = new int[64];
    private int _lookups;
    private KeyFilter? _filter;
    private StoredNetworks? _networks;
    private bool _isInText;

    public IndicatorFinder(IIndicatorIndex index)
    {
        _index = index;
        _near = index as INearIndex;
        if (index is IDistantIndex distant)
        {
            _gatheredKeys = new GatheredKeys(distant);
            _gatheredRows = new GatheredRows(distant);
        }
    }

    /// <summary>Whether the questions of a text are gathered, piece by piece: <see cref="BeginKeys"/>, <see cref="AskKeys"/>, <see cref="AskRows"/>.</summary>
    public bool Gathers => _gatheredKeys is not null;

    /// <summary>Matches of several values in their order, those of one value most precise first, each indicator once.</summary>
    /// <param name="inputs">The values.</param>
    /// <param name="filter">Which matches count.</param>
    /// <param name="notUnderstood">Called with values that were not read as indicators and met no subject; may be null.</param>
    public IEnumerable<IndicatorMatch> Find(IReadOnlyList<string> inputs, MatchFilter filter, Action<string>? notUnderstood = null)
    {
        LookupValue[] values = [.. inputs.Select(LookupValue.Of)];
        var matches = new List<IndicatorMatch>[values.Length];
        Ask(values);
        for (var i = 0; i < values.Length; i++)
        {
            Collect(i, inputs[i], filter, matches[i] = []);
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsUnderstood && matches[i].Count == 0)
            {
                notUnderstood?.Invoke(inputs[i]);
            }

            foreach (var match in matches[i])
            {
                yield return match;
            }

            // Not collected first: a short prefix may cover everything there is.
            foreach (var match in FindInNetwork(inputs[i], values[i], filter))
            {
                yield return match;
            }
        }
    }

    /// <summary>Adds the matches of a value that is no network.</summary>
    public void Find(string input, LookupValue value, MatchFilter filter, List<IndicatorMatch> matches)
    {
        Ask([value]);
        Collect(0, input, filter, matches);
    }

    /// <summary>Whether a look-up of this value could find anything; asks memory only.</summary>
    public bool MayFind(LookupValue value)
    {
        _keys.Clear();
        LookupPlan.Add(value, _networks!, _keys);
        foreach (var key in _keys)
        {
            if (MayContain(KeyOf(key)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether networks are stored, which an address may be in.</summary>
    public bool HasNetworks => _networks!.Any;

    /// <summary>Whether the key of a normal form may be in the index; asks memory only.</summary>
    public bool MayContain(KeySpace space, ReadOnlySpan<byte> text) => MayContain(IndexKey.Of(space, text));

    /// <summary>From now on the questions whether a key may be in the index gather; the answer to all of them is "no".</summary>
    public void BeginKeys()
    {
        _isInText = true;
        _gatheredKeys!.Begin();
        _gatheredRows!.Begin();
    }

    /// <summary>Asks the index for the keys that have gathered.</summary>
    /// <returns>Whether any of them is there.</returns>
    public bool AskKeys() => _gatheredKeys!.Ask();

    /// <summary>Reads for the look-ups since <see cref="BeginKeys"/>, which found nothing, what they need: the same look-ups again find it.</summary>
    public void AskRows() => _gatheredRows!.Ask();

    /// <summary>The piece of text was searched.</summary>
    public void EndPiece() => _isInText = false;

    /// <summary>Takes in what others committed since the last time.</summary>
    /// <returns>Whether anything is new; then no result of an earlier look-up holds.</returns>
    public bool Refresh()
    {
        var changed = _index.HasChanged();
        if (changed)
        {
            _filter = null;
            _networks = null;
        }

        _networks ??= new StoredNetworks(_index.ReadNetworks());
        return changed;
    }

    /// <summary>Takes in what others committed, and reads all keys of an index that is near into memory: a text is about to be searched.</summary>
    /// <returns>As <see cref="Refresh"/>.</returns>
    public bool RefreshKeys()
    {
        var changed = Refresh();
        if (_near is not null)
        {
            _filter ??= new KeyFilter(_near);
            _filter.Read(int.MaxValue);
        }

        return changed;
    }

    private bool MayContain(long key) => _gatheredKeys is null ? _filter!.MayContain(key) : _gatheredKeys.MayContain(key);

    private static long KeyOf(LookupKey key)
    {
        var most = Encoding.UTF8.GetMaxByteCount(key.Text.Length);
        var text = most <= 512 ? stackalloc byte[512] : new byte[most];
        return IndexKey.Of(key.Space, text[..Encoding.UTF8.GetBytes(key.Text, text)]);
    }

    /// <summary>Reads what stands under the keys of all values, in one call; keys that are certainly not there are not asked for.</summary>
    private void Ask(ReadOnlySpan<LookupValue> values)
    {
        // Within a text, what others committed is taken in from piece to piece.
        if (!_isInText)
        {
            Refresh();
        }

        _lookups += values.Length;
        if (_near is not null && _lookups >= FilterPaysAfter)
        {
            _filter ??= new KeyFilter(_near);
            _filter.Read(ReadPerLookup * values.Length);
        }

        _asked.Clear();
        _askedUpTo.Clear();
        _rows.Clear();
        foreach (var value in values)
        {
            _keys.Clear();
            LookupPlan.Add(value, _networks!, _keys);
            foreach (var key in _keys)
            {
                var hash = KeyOf(key);
                if (_filter?.MayContain(hash) ?? true)
                {
                    if (_asked.Count == _hashes.Length)
                    {
                        Array.Resize(ref _hashes, _hashes.Length * 2);
                        Array.Resize(ref _ends, _ends.Length * 2);
                    }

                    _hashes[_asked.Count] = hash;
                    _asked.Add(key);
                }
            }

            _askedUpTo.Add(_asked.Count);
        }

        var hashes = _hashes.AsSpan(0, _asked.Count);
        if (_isInText)
        {
            _gatheredRows!.Read(hashes, _rows, _ends);
        }
        else if (_asked.Count > 0)
        {
            _index.Read(hashes, _rows, _ends.AsSpan(0, _asked.Count));
        }
    }

    /// <summary>Adds the matches of one of the values that were asked for.</summary>
    private void Collect(int value, string input, MatchFilter filter, List<IndicatorMatch> matches)
    {
        _seen.Clear();
        var from = matches.Count;
        for (var key = value == 0 ? 0 : _askedUpTo[value - 1]; key < _askedUpTo[value]; key++)
        {
            for (var row = key == 0 ? 0 : _ends[key - 1]; row < _ends[key]; row++)
            {
                var stored = _rows[row];
                if (Kind(_asked[key], stored) is MatchKind kind
                    && _seen.Add((stored.Threat, stored.Ordinal))
                    && Match(stored, input, kind) is var found
                    && filter.Accepts(found))
                {
                    matches.Add(found);
                }
            }
        }

        // Several rules may meet one indicator, and not in the order of precision: a stable sort, and each once.
        if (matches.Count - from > 1)
        {
            IndicatorMatch[] ordered = [.. matches.Skip(from).OrderBy(match => match.MatchKind)];
            matches.RemoveRange(from, matches.Count - from);
            matches.AddRange(ordered);
        }
    }

    /// <summary>What the match is called; null when the indicator only shares the key, or is none the rule means.</summary>
    private static MatchKind? Kind(LookupKey key, StoredIndicator stored)
    {
        var shape = IndicatorKinds.Of(stored.Kind).Shape;
        var value = shape == IndicatorShape.Url ? UrlText.ForComparison(stored.Value) : stored.Value;
        var meant = key.Space switch
        {
            KeySpace.Value => value == key.Text,
            KeySpace.UrlHost => shape == IndicatorShape.Url && Part(value, host: true) == key.Text,
            _ => shape == IndicatorShape.Url && Part(value, host: false) == key.Text,
        };
        var isHost = shape is IndicatorShape.Name or IndicatorShape.Address;
        return !meant ? null : (key.Rule, shape, stored.Source) switch
        {
            (LookupRule.Same, IndicatorShape.Hash or IndicatorShape.FuzzyHash, _) => MatchKind.Hash,
            (LookupRule.Same, _, IndicatorSource.SenderAddress or IndicatorSource.SenderDomain or IndicatorSource.SenderIp) => MatchKind.Sender,
            (LookupRule.Same, _, _) => MatchKind.Exact,
            (LookupRule.SameWithoutQuery, IndicatorShape.Url, _) => MatchKind.UrlWithoutQuery,
            (LookupRule.Host, _, _) when isHost || key.Space == KeySpace.UrlHost => MatchKind.UrlHost,
            (LookupRule.EmailDomain, IndicatorShape.Name, IndicatorSource.SenderDomain) => MatchKind.Sender,
            (LookupRule.EmailDomain or LookupRule.Parent, IndicatorShape.Name, _) => MatchKind.ParentDomain,
            (LookupRule.Wildcard, IndicatorShape.Name, _) => MatchKind.WildcardDomain,
            (LookupRule.Network, _, _) when isHost => MatchKind.Cidr,
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
        if (RangeOf(value) is not AddressRange range)
        {
            yield break;
        }

        var page = new List<StoredIndicator>();
        do
        {
            page.Clear();
            _index.ReadRange(range, AddressesAtOnce, page);
            foreach (var stored in page)
            {
                if (Match(stored, input, MatchKind.Cidr) is var match && filter.Accepts(match))
                {
                    yield return match;
                }
            }
        }
        while (page.Count == AddressesAtOnce);
    }

    private static AddressRange? RangeOf(LookupValue value)
    {
        Span<byte> first = stackalloc byte[IndexKey.LongestAddress];
        Span<byte> last = stackalloc byte[IndexKey.LongestAddress];
        return LookupPlan.TryGetRange(value, first, last, out var length) ? new AddressRange(first[..length], last[..length]) : null;
    }

    private static IndicatorMatch Match(in StoredIndicator stored, string input, MatchKind kind) => new()
    {
        Input = input,
        MatchKind = kind,
        Kind = stored.Kind,
        Source = stored.Source,
        Impact = stored.Impact,
        Corollary = stored.Corollary,
        Role = stored.Role,
        Family = stored.Family,
        MatchedValue = stored.Value,
        ThreatId = stored.ThreatId,
        Label = stored.Label,
        ThreatDetailUrl = stored.DetailUrl,
        FirstPublished = stored.FirstPublished is long first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
        LastPublished = stored.LastPublished is long last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
        Withdrawn = stored.Withdrawn,
    };
}
