using System.Buffers;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>What the feeds of a pass take of one threat.</summary>
internal sealed class PreparedRows
{
    /// <summary>Keys and rows, one behind the other.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new();

    /// <summary>Where they are.</summary>
    public List<(int Start, int KeyLength, int Length)> Places { get; } = [];

    /// <summary>The counts of each feed; null where it does not want the threat.</summary>
    public required FeedShare?[] Shares { get; init; }

    /// <summary>The reports of each feed; null when a feed has no reports.</summary>
    public required List<(string Id, ReadOnlyMemory<byte> Report)>?[] Reports { get; init; }
}
