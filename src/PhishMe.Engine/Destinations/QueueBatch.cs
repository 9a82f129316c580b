namespace PhishMe.Engine.Destinations;

/// <summary>A bound of what is sent at once. One item larger than the bytes is sent alone.</summary>
/// <param name="Count">Items, 1 or more.</param>
/// <param name="Bytes">Bytes of their payloads.</param>
internal readonly record struct QueueBatch(int Count, long Bytes = long.MaxValue);
