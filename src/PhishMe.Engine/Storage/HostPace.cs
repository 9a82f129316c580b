namespace PhishMe.Engine.Storage;

/// <summary>How many requests at a time a host was found to take well.</summary>
/// <param name="Host">Name and port.</param>
/// <param name="Limit">Requests in flight.</param>
/// <param name="LearntAt">When.</param>
internal sealed record HostPace(string Host, double Limit, DateTimeOffset LearntAt);
