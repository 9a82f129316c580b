using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>How a live threat carries an indicator.</summary>
/// <param name="Type">Whose threat it is.</param>
/// <param name="Impact">The impact there; null when it is not rated.</param>
/// <param name="IsCorollary">Whether it is there for correlation only.</param>
/// <param name="PublishedAt">When the threat was published last, in epoch milliseconds; when that is unknown, when it was received.</param>
internal readonly record struct IndicatorCarrier(ThreatType Type, Impact? Impact, bool IsCorollary, long PublishedAt);
