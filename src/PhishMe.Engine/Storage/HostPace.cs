namespace PhishMe.Engine.Storage;

/// <summary>What a run found out about a host, and when.</summary>
/// <param name="Host">Name and port.</param>
/// <param name="InFlight">Requests in flight that it takes well.</param>
/// <param name="PerSecond">Requests per second that it allows; null when it refused none.</param>
/// <param name="LearntAt">When that was found out.</param>
internal sealed record HostPace(string Host, double InFlight, double? PerSecond, DateTimeOffset LearntAt);
