namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A number for a key that never contradicts the order of the bytes: of two keys with different numbers, the one with the smaller number comes first.</summary>
internal delegate ulong SortPrefix(ReadOnlySpan<byte> key);
