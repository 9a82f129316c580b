using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A threat with those of its records that a feed takes.</summary>
/// <param name="Threat">The threat.</param>
/// <param name="Last">When it was published last, in epoch milliseconds, never ahead of when this version came.</param>
/// <param name="Records">The records with the impact that counts: none for what the vendor calls benign.</param>
internal sealed record FeedThreat(Threat Threat, long Last, IReadOnlyList<(IndicatorRecord Record, Impact? Impact)> Records);
