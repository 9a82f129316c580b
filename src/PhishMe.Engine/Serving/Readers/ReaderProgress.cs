namespace PhishMe.Engine.Serving.Readers;

/// <summary>How far a reader has come.</summary>
/// <param name="Key">Who reads what.</param>
/// <param name="PolledAt">When it last got an answer, UTC.</param>
/// <param name="Reached">Of a collection, the date added up to which it has read; of a file, when what it has was made. Null when it began at the beginning and found nothing.</param>
/// <param name="IsAtEnd">Whether there was nothing behind that.</param>
internal sealed record ReaderProgress(ReaderKey Key, DateTimeOffset PolledAt, DateTimeOffset? Reached, bool IsAtEnd);
