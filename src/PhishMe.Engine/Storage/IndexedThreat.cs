using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat of the store beside what the index says about it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The fingerprint that was stored with it.</param>
/// <param name="Json">The JSON as received; null when it is missing or damaged.</param>
/// <param name="Indicators">Its indicators as the index has them.</param>
internal sealed record IndexedThreat(ThreatId Id, ContentHash Content, byte[]? Json, IReadOnlyList<IndexedIndicator> Indicators);
