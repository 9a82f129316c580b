namespace PhishMe.Engine.Threats;

/// <summary>An element of an answer that is no threat: without an id, or of an unknown type.</summary>
internal sealed record UnreadableThreat(string Reason, byte[] Json);
