using System.Buffers;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>What the feeds of a pass take of some threats. One thread at a time.</summary>
/// <param name="feeds">How many feeds the pass has.</param>
internal sealed class PreparedRows(int feeds)
{
    /// <summary>Keys and rows, one behind the other.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(4 * 1024);

    /// <summary>Where they are.</summary>
    public List<(int Start, int KeyLength, int Length)> Places { get; } = [];

    /// <summary>The counts of each feed; null where it wants none of the threats.</summary>
    public FeedShare?[] Shares { get; } = new FeedShare?[feeds];

    /// <summary>The reports of each feed; null when a feed has no reports.</summary>
    public List<(string Id, ReadOnlyMemory<byte> Report)>?[] Reports { get; } = new List<(string, ReadOnlyMemory<byte>)>?[feeds];

    /// <summary>Threats that cannot be read.</summary>
    public int Unreadable { get; set; }

    /// <summary>Forgets everything, and keeps the room for as much again.</summary>
    public void Clear()
    {
        Bytes.ResetWrittenCount();
        Places.Clear();
        Array.Clear(Shares);
        Array.Clear(Reports);
        Unreadable = 0;
    }

    /// <summary>The counts of a feed that wants a threat.</summary>
    public FeedShare ShareOf(int feed) => Shares[feed] ??= new FeedShare();
}
