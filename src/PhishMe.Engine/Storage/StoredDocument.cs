using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>The document of a threat in the store.</summary>
/// <param name="Id">The threat.</param>
/// <param name="Withdrawn">Whether it was withdrawn.</param>
/// <param name="Json">The JSON as received; null when the stored bytes are damaged.</param>
internal readonly record struct StoredDocument(ThreatId Id, bool Withdrawn, byte[]? Json);
