using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat of the store.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Withdrawn">Whether it was withdrawn.</param>
/// <param name="Json">The JSON as received; null when the stored bytes are damaged.</param>
internal readonly record struct StoredThreat(ThreatId Id, bool Withdrawn, byte[]? Json);
