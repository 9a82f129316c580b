using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat that the API served.</summary>
/// <param name="Id">The threat.</param>
/// <param name="FirstPublished">Epoch milliseconds; null when unknown.</param>
/// <param name="LastPublished">Epoch milliseconds; null when unknown.</param>
internal readonly record struct SeenThreat(ThreatId Id, long? FirstPublished, long? LastPublished);
