namespace PhishMe.Engine.Destinations;

/// <summary>How much may wait for a target.</summary>
/// <param name="Bytes">Bytes of payloads.</param>
/// <param name="Overflow">What happens beyond it.</param>
internal readonly record struct QueueLimit(long Bytes, QueueOverflow Overflow);
