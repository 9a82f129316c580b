using PhishMe.Engine.Network;

namespace PhishMe.Engine.Storage;

/// <summary>What a run found out about a host, and when.</summary>
/// <param name="Host">Name and port.</param>
/// <param name="Pace">What it takes.</param>
/// <param name="LearntAt">When that was found out.</param>
internal sealed record HostPace(string Host, LearntPace Pace, DateTimeOffset LearntAt);
