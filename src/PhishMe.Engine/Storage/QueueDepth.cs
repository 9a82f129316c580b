namespace PhishMe.Engine.Storage;

/// <summary>What waits in a queue.</summary>
/// <param name="Items">Items.</param>
/// <param name="Bytes">Bytes of their payloads.</param>
internal readonly record struct QueueDepth(long Items, long Bytes);
