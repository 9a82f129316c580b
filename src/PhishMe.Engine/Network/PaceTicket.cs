namespace PhishMe.Engine.Network;

/// <summary>A request under way, as <see cref="Pace"/> knows it.</summary>
/// <param name="Began">When it began; time since a fixed moment.</param>
/// <param name="Epoch">The change of the limit after which it began.</param>
/// <param name="InFlight">Requests in flight then, itself included.</param>
/// <param name="Waited">Whether requests were waiting for the rate then.</param>
internal readonly record struct PaceTicket(TimeSpan Began, int Epoch, int InFlight, bool Waited);
