using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Rows of the index that wait in memory to be inserted together, with their keys and addresses, sorted as their tables are.</summary>
internal sealed class WaitingRows
{
    private const int LongestHash = 64;

    private readonly List<IndicatorRow> _indicators = [];
    private readonly List<KeyRow> _keys = [];
    private readonly List<AddressRow> _addresses = [];
    private readonly HashSet<long> _threats = [];

    /// <summary>Values and addresses, one after another.</summary>
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public bool IsEmpty => _indicators.Count == 0;

    public ReadOnlySpan<IndicatorRow> Indicators => CollectionsMarshal.AsSpan(_indicators);

    public ReadOnlySpan<KeyRow> Keys => CollectionsMarshal.AsSpan(_keys);

    public ReadOnlySpan<AddressRow> Addresses => CollectionsMarshal.AsSpan(_addresses);

    /// <summary>The value of an indicator or the bytes of an address.</summary>
    public ReadOnlySpan<byte> this[BytePart part] => _bytes.WrittenSpan.Slice(part.Start, part.Length);

    /// <summary>Whether rows of a threat wait.</summary>
    public bool Has(long threat) => _threats.Contains(threat);

    /// <summary>Adds an indicator with its keys.</summary>
    /// <param name="threat">The store's number of the threat.</param>
    /// <param name="ordinal">Which of its indicators this is.</param>
    /// <param name="indicator">The indicator.</param>
    /// <param name="role">The number of its role.</param>
    /// <param name="family">The number of its family.</param>
    public void Add(long threat, int ordinal, IndexedIndicator indicator, long? role, long? family)
    {
        Span<long> keys = stackalloc long[IndexKey.Most];
        _threats.Add(threat);
        var text = Written(indicator.Value);
        var value = this[text];
        foreach (var key in keys[..IndexKey.Of(indicator.Kind, value, keys)])
        {
            _keys.Add(new KeyRow(key, threat, ordinal));
        }

        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        if (IndexKey.AddressOf(indicator.Kind, value, address) is var length and > 0)
        {
            _addresses.Add(new AddressRow(Written(address[..length]), threat, ordinal));
        }

        // Half the space: a hash in normal form is lower-case hexadecimal.
        Span<byte> hash = stackalloc byte[LongestHash];
        var hashLength = 0;
        var isHash = IndicatorKinds.Of(indicator.Kind).HashLength is not null && !this[text].ContainsAnyInRange((byte)'A', (byte)'F')
            && Convert.FromHexString(this[text], hash, out _, out hashLength) == OperationStatus.Done;
        _indicators.Add(new IndicatorRow(
            threat, ordinal, indicator.Kind, indicator.Source, indicator.Impact, indicator.Corollary, role, family, isHash ? Written(hash[..hashLength]) : text, isHash));
    }

    /// <summary>Brings keys and addresses into the order of their tables: rows that come one after another meet the same pages.</summary>
    public void Sort()
    {
        CollectionsMarshal.AsSpan(_keys).Sort();
        CollectionsMarshal.AsSpan(_addresses).Sort((one, other) => this[one.Address].SequenceCompareTo(this[other.Address]) is var order and not 0
            ? order
            : (one.Threat, one.Ordinal).CompareTo((other.Threat, other.Ordinal)));
    }

    public void Clear()
    {
        _indicators.Clear();
        _keys.Clear();
        _addresses.Clear();
        _threats.Clear();
        _bytes.ResetWrittenCount();
    }

    private BytePart Written(string text)
    {
        var start = _bytes.WrittenCount;
        return new BytePart(start, (int)Encoding.UTF8.GetBytes(text, _bytes));
    }

    private BytePart Written(ReadOnlySpan<byte> bytes)
    {
        var start = _bytes.WrittenCount;
        _bytes.Write(bytes);
        return new BytePart(start, bytes.Length);
    }

    /// <summary>Bytes that lie with those of other rows.</summary>
    internal readonly record struct BytePart(int Start, int Length);

    /// <summary>A row of <c>indicator</c>.</summary>
    internal readonly record struct IndicatorRow(
        long Threat, int Ordinal, IndicatorKind Kind, IndicatorSource Source, Impact? Impact, bool Corollary, long? Role, long? Family, BytePart Value, bool IsHash);

    /// <summary>A row of <c>indicator_key_new</c>.</summary>
    internal readonly record struct KeyRow(long Hash, long Threat, int Ordinal) : IComparable<KeyRow>
    {
        public int CompareTo(KeyRow other) => Hash != other.Hash ? Hash.CompareTo(other.Hash)
            : Threat != other.Threat ? Threat.CompareTo(other.Threat)
            : Ordinal.CompareTo(other.Ordinal);
    }

    /// <summary>A row of <c>indicator_address</c>.</summary>
    internal readonly record struct AddressRow(BytePart Address, long Threat, int Ordinal);
}
