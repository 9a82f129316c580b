namespace PhishMe.Engine.Network;

/// <summary>What a person allows, whatever the host could take.</summary>
/// <param name="InFlight">Requests in flight at most, 1 or more.</param>
/// <param name="PerSecond">Requests begun per second at most; null for no ceiling.</param>
/// <param name="LongestPause">A pause longer than this is not waited for.</param>
internal sealed record PaceCeilings(int InFlight, double? PerSecond, TimeSpan LongestPause);
