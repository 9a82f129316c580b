namespace PhishMe.Engine.Storage;

/// <summary>A range of addresses in the sortable form of <see cref="IndexKey.Write"/>, and how far it was read.</summary>
internal sealed class AddressRange
{
    private readonly byte[] _at;
    private readonly byte[] _last;

    /// <summary>A range of which nothing was read.</summary>
    /// <param name="first">The first address.</param>
    /// <param name="last">The last address; of the same family.</param>
    public AddressRange(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        _at = first.ToArray();
        _last = last.ToArray();
    }

    /// <summary>The address read last; at first the first one of the range.</summary>
    public ReadOnlySpan<byte> At => _at;

    /// <summary>The last address of the range.</summary>
    public ReadOnlySpan<byte> Last => _last;

    /// <summary>The threat read last; at first one before all others.</summary>
    public long Threat { get; private set; } = -1;

    /// <summary>The ordinal of the indicator read last; at first one before all others.</summary>
    public long Ordinal { get; private set; } = -1;

    /// <summary>Notes how far the range was read.</summary>
    public void MoveTo(ReadOnlySpan<byte> address, long threat, long ordinal)
    {
        address.CopyTo(_at);
        Threat = threat;
        Ordinal = ordinal;
    }
}
