namespace PhishMe.Engine.Network;

/// <summary>What a run found out about a host, for the next one to start with.</summary>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="PerSecond">Requests per second; null when the host refused none.</param>
internal sealed record LearntPace(double InFlight, double? PerSecond);
