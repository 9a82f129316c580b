namespace PhishMe.Engine.Storage;

/// <summary>A run that began and was not recorded as ended: it is alive, or it died.</summary>
internal sealed record RunRecord(string RunId, int ProcessId, string Host, DateTimeOffset StartedAt);
