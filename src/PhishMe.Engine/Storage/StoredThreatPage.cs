namespace PhishMe.Engine.Storage;

/// <summary>Some threats of the store, in its order.</summary>
/// <param name="Threats">Empty at the end.</param>
/// <param name="Next">The place behind the last one.</param>
internal readonly record struct StoredThreatPage(IReadOnlyList<StoredThreat> Threats, long Next);
