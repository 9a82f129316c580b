using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>The document of a threat in the store.</summary>
/// <param name="Id">The threat.</param>
/// <param name="Withdrawn">Whether it was withdrawn.</param>
/// <param name="Json">The JSON as received; null when the stored bytes are damaged.</param>
/// <param name="ReceivedAt">When this version was received, where its dates do not say that it is newer than the one before; otherwise null.</param>
/// <param name="Removed">What updates took out of the threat and no live threat carries.</param>
internal readonly record struct StoredDocument(
    ThreatId Id, bool Withdrawn, byte[]? Json, DateTimeOffset? ReceivedAt, IReadOnlyList<Indicator> Removed);
