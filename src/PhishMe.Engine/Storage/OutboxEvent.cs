namespace PhishMe.Engine.Storage;

/// <summary>One event that waits for its collector.</summary>
/// <param name="Sequence">Its place in the line.</param>
/// <param name="Bytes">The event without a line break.</param>
internal readonly record struct OutboxEvent(long Sequence, byte[] Bytes);
